package intl

import (
	"math"
	"math/big"
	"strconv"

	"github.com/dop251/goja"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A Method replaces a method of the engine's that knows no locales.
type Method struct {
	Class, Name string
	Length      int
	Call        func(js *webidl.Realm, c goja.FunctionCall) goja.Value
}

// Methods are those of https://tc39.es/ecma402/#locale-sensitive-functions
var Methods = []Method{
	{"String", "localeCompare", 1, localeCompare},
	{"String", "toLocaleLowerCase", 0, func(js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return localeCase(js, c, "toLowerCase", cases.Lower)
	}},
	{"String", "toLocaleUpperCase", 0, func(js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return localeCase(js, c, "toUpperCase", cases.Upper)
	}},
	{"Number", "toLocaleString", 0, numberToLocaleString},
	{"BigInt", "toLocaleString", 0, bigIntToLocaleString},
	{"Date", "toLocaleString", 0, func(js *webidl.Realm, c goja.FunctionCall) goja.Value { return dateToLocaleString(js, c, "any", "all") }},
	{"Date", "toLocaleDateString", 0, func(js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return dateToLocaleString(js, c, "date", "date")
	}},
	{"Date", "toLocaleTimeString", 0, func(js *webidl.Realm, c goja.FunctionCall) goja.Value {
		return dateToLocaleString(js, c, "time", "time")
	}},
	{"Array", "toLocaleString", 0, arrayToLocaleString},
}

// formats are the formatters that calls without options use again, by locale.
type formats struct {
	numbers map[string]*numberFormat
	dates   map[[2]string]*dateTimeFormat
	orders  map[string]*collator
	joining map[*goja.Object]bool // the lists that toLocaleString is writing
}

type formatsKey struct{ _ byte }

var formatsSlot formatsKey

// keepAtMost bounds the formatters of each kind that a realm keeps.
const keepAtMost = 16

func kept(js *webidl.Realm) *formats {
	return webidl.Slot(js, &formatsSlot, func() *formats {
		return &formats{map[string]*numberFormat{}, map[[2]string]*dateTimeFormat{}, map[string]*collator{}, map[*goja.Object]bool{}}
	})
}

// reuse returns what was made for a locale before, if nothing but the locale is given.
func reuse[K comparable, V any](m map[K]V, key K, plain bool, make func() V) V {
	if !plain {
		return make()
	}
	if v, ok := m[key]; ok {
		return v
	}
	v := make()
	if len(m) < keepAtMost {
		m[key] = v
	}
	return v
}

// plainArguments tells whether there are no options and at most the name of a locale.
func plainArguments(locales, options goja.Value) (name string, plain bool) {
	if !goja.IsUndefined(options) {
		return "", false
	}
	if s, ok := locales.(goja.String); ok {
		return s.String(), true
	}
	return "", goja.IsUndefined(locales)
}

func (f *formats) number(js *webidl.Realm, locales, options goja.Value) *numberFormat {
	name, plain := plainArguments(locales, options)
	return reuse(f.numbers, name, plain, func() *numberFormat { return newNumberFormat(js, locales, options) })
}

// numberToLocaleString is https://tc39.es/ecma402/#sup-number.prototype.tolocalestring
func numberToLocaleString(js *webidl.Realm, c goja.FunctionCall) goja.Value {
	this := c.This
	if o, ok := this.(*goja.Object); ok && o.ClassName() == "Number" {
		this = o.ToNumber()
	}
	if !goja.IsNumber(this) {
		js.Throw(webidl.TypeError("Number.prototype.toLocaleString requires that 'this' be a Number"))
	}
	f := kept(js).number(js, c.Argument(0), c.Argument(1))
	return js.String(f.format(decimalOf(this.ToFloat())).String())
}

// bigIntToLocaleString is https://tc39.es/ecma402/#sup-bigint.prototype.tolocalestring
func bigIntToLocaleString(js *webidl.Realm, c goja.FunctionCall) goja.Value {
	x, ok := c.This.Export().(*big.Int)
	if !ok {
		js.Throw(webidl.TypeError("BigInt.prototype.toLocaleString requires that 'this' be a BigInt"))
	}
	f := kept(js).number(js, c.Argument(0), c.Argument(1))
	return js.String(f.format(decimalOfInt(x)).String())
}

// dateToLocaleString is https://tc39.es/ecma402/#sup-date.prototype.tolocalestring and
// its two neighbours.
func dateToLocaleString(js *webidl.Realm, c goja.FunctionCall, required, defaults string) goja.Value {
	o, ok := c.This.(*goja.Object)
	if !ok || o.ClassName() != "Date" {
		js.Throw(webidl.TypeError("this is not a Date object."))
	}
	x := o.ToNumber().ToFloat()
	if math.IsNaN(x) {
		return js.String("Invalid Date")
	}
	locales, options := c.Argument(0), c.Argument(1)
	name, plain := plainArguments(locales, options)
	f := reuse(kept(js).dates, [2]string{name, defaults}, plain, func() *dateTimeFormat {
		return newDateTimeFormat(js, locales, options, required, defaults)
	})
	return js.String(f.style.format(int64(x)).String())
}

// localeCompare is https://tc39.es/ecma402/#sup-String.prototype.localeCompare
func localeCompare(js *webidl.Realm, c goja.FunctionCall) goja.Value {
	a, b := thisText(js, c, "localeCompare"), textOf(js, c.Argument(0))
	locales, options := c.Argument(1), c.Argument(2)
	name, plain := plainArguments(locales, options)
	order := reuse(kept(js).orders, name, plain, func() *collator { return newCollator(js, locales, options) })
	return js.VM.ToValue(order.compare(a, b))
}

func thisText(js *webidl.Realm, c goja.FunctionCall, name string) string {
	if goja.IsUndefined(c.This) || goja.IsNull(c.This) {
		js.Throw(webidl.TypeError("String.prototype.%s called on null or undefined", name))
	}
	return textOf(js, c.This)
}

// localeCase is https://tc39.es/ecma402/#sec-transform-case: only a few languages have
// rules of their own, the engine's hold for the others.
func localeCase(js *webidl.Realm, c goja.FunctionCall, plain string, caser func(language.Tag, ...cases.Option) cases.Caser) goja.Value {
	text := thisText(js, c, plain)
	if requested := requestedLocales(js, c.Argument(0)); len(requested) > 0 {
		switch l := requested[0].language; l {
		case "az", "lt", "tr":
			return js.String(caser(language.Make(l)).String(text))
		}
	}
	v := js.String(text)
	f, ok := goja.AssertFunction(v.ToObject(js.VM).Get(plain))
	if !ok {
		js.Throw(webidl.TypeError("String.prototype.%s is not a function", plain))
	}
	out, err := f(v)
	if err != nil {
		js.Throw(err)
	}
	return out
}

// arrayToLocaleString is https://tc39.es/ecma402/#sup-array.prototype.tolocalestring
func arrayToLocaleString(js *webidl.Realm, c goja.FunctionCall) goja.Value {
	list := c.This.ToObject(js.VM)
	n := int64(0)
	if l := list.Get("length"); l != nil {
		n = l.ToInteger()
	}
	state := kept(js)
	if state.joining[list] { // a list within itself
		return js.String("")
	}
	state.joining[list] = true
	defer delete(state.joining, list)
	var text []byte
	for i := int64(0); i < n; i++ {
		if i > 0 {
			text = append(text, ',')
		}
		if i%1024 == 1023 {
			js.Checkpoint()
		}
		item := list.Get(strconv.FormatInt(i, 10))
		if item == nil || goja.IsUndefined(item) || goja.IsNull(item) {
			continue
		}
		f, ok := goja.AssertFunction(item.ToObject(js.VM).Get("toLocaleString"))
		if !ok {
			js.Throw(webidl.TypeError("toLocaleString is not a function"))
		}
		v, err := f(item, c.Argument(0), c.Argument(1))
		if err != nil {
			js.Throw(err)
		}
		text = append(text, textOf(js, v)...)
	}
	return js.String(string(text))
}
