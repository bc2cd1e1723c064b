package webidl

import (
	"math"

	"github.com/dop251/goja"
)

// A Type converts one JavaScript value to one Go value by the rules of a Web IDL type.
type Type[G any] struct {
	// Name is the type as messages show it.
	Name     string
	optional bool
	to       func(js *Realm, v goja.Value) (G, error)
}

// NewType makes a Type from its conversion. The conversion may run script code (toString,
// getters) and let its exceptions pass through as panics of the engine.
func NewType[G any](name string, convert func(js *Realm, v goja.Value) (G, error)) Type[G] {
	return Type[G]{Name: name, to: convert}
}

// Convert applies the type's conversion to v.
func (t Type[G]) Convert(js *Realm, v goja.Value) (G, error) { return t.to(js, v) }

func (t Type[G]) arg(js *Realm, args []goja.Value, i int) (G, error) {
	if i < len(args) {
		return t.to(js, args[i])
	}
	return t.to(js, goja.Undefined())
}

// Opt is a value that may be absent, or null.
type Opt[G any] struct {
	Value G
	Set   bool
}

// Some returns a present value.
func Some[G any](v G) Opt[G] { return Opt[G]{v, true} }

// Optional makes an argument optional: it is unset when undefined.
func Optional[G any](t Type[G]) Type[Opt[G]] {
	return Type[Opt[G]]{Name: t.Name, optional: true, to: func(js *Realm, v goja.Value) (o Opt[G], err error) {
		if goja.IsUndefined(v) {
			return o, nil
		}
		o.Value, err = t.to(js, v)
		o.Set = err == nil
		return o, err
	}}
}

// Default makes an argument optional: it is d when undefined.
func Default[G any](t Type[G], d G) Type[G] {
	return Type[G]{Name: t.Name, optional: true, to: func(js *Realm, v goja.Value) (G, error) {
		if goja.IsUndefined(v) {
			return d, nil
		}
		return t.to(js, v)
	}}
}

// Nullable is T?: unset when null or undefined.
func Nullable[G any](t Type[G]) Type[Opt[G]] {
	return Type[Opt[G]]{Name: t.Name + "?", to: func(js *Realm, v goja.Value) (o Opt[G], err error) {
		if goja.IsUndefined(v) || goja.IsNull(v) {
			return o, nil
		}
		o.Value, err = t.to(js, v)
		o.Set = err == nil
		return o, err
	}}
}

// Any passes a value through. As an argument it is required unless made optional.
var Any = Type[goja.Value]{Name: "any", to: func(_ *Realm, v goja.Value) (goja.Value, error) { return v, nil }}

// OptionalAny is an optional any: undefined when absent.
var OptionalAny = Type[goja.Value]{Name: "any", optional: true, to: Any.to}

// Object is the object type.
var Object = Type[*goja.Object]{Name: "object", to: func(_ *Realm, v goja.Value) (*goja.Object, error) {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, TypeError("value is not an object")
	}
	return o, nil
}}

// Boolean is the boolean type.
var Boolean = Type[bool]{Name: "boolean", to: func(_ *Realm, v goja.Value) (bool, error) { return v.ToBoolean(), nil }}

// Double is the double type: NaN and the infinities are refused.
var Double = Type[float64]{Name: "double", to: func(js *Realm, v goja.Value) (float64, error) {
	f, err := number(v)
	if err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
		err = TypeError("The provided double value is non-finite.")
	}
	return f, err
}}

// UnrestrictedDouble is the unrestricted double type.
var UnrestrictedDouble = Type[float64]{Name: "unrestricted double", to: func(js *Realm, v goja.Value) (float64, error) {
	return number(v)
}}

func number(v goja.Value) (float64, error) {
	return v.ToNumber().ToFloat(), nil
}

// The integer types, converted modulo their size (https://webidl.spec.whatwg.org/#abstract-opdef-converttoint).
var (
	Octet            = integer[uint8]("octet", 0, math.MaxUint8, wrap)
	Short            = integer[int16]("short", math.MinInt16, math.MaxInt16, wrap)
	UnsignedShort    = integer[uint16]("unsigned short", 0, math.MaxUint16, wrap)
	Long             = integer[int32]("long", math.MinInt32, math.MaxInt32, wrap)
	UnsignedLong     = integer[uint32]("unsigned long", 0, math.MaxUint32, wrap)
	LongLong         = integer[int64]("long long", -(1<<53 - 1), 1<<53-1, wrap)
	UnsignedLongLong = integer[uint64]("unsigned long long", 0, 1<<53-1, wrap)
)

// The integer types with [EnforceRange]: a value outside is a TypeError.
var (
	OctetEnforced            = integer[uint8]("octet", 0, math.MaxUint8, enforce)
	UnsignedShortEnforced    = integer[uint16]("unsigned short", 0, math.MaxUint16, enforce)
	LongEnforced             = integer[int32]("long", math.MinInt32, math.MaxInt32, enforce)
	UnsignedLongEnforced     = integer[uint32]("unsigned long", 0, math.MaxUint32, enforce)
	UnsignedLongLongEnforced = integer[uint64]("unsigned long long", 0, 1<<53-1, enforce)
)

// The integer types with [Clamp]: a value outside becomes the nearest inside.
var (
	LongLongClamped         = integer[int64]("long long", -(1<<53 - 1), 1<<53-1, clamp)
	UnsignedLongLongClamped = integer[uint64]("unsigned long long", 0, 1<<53-1, clamp)
)

type rounding uint8

const (
	wrap rounding = iota
	enforce
	clamp
)

func integer[G uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64](name string, low, high float64, mode rounding) Type[G] {
	return Type[G]{Name: name, to: func(js *Realm, v goja.Value) (G, error) {
		f, err := number(v)
		if err != nil {
			return 0, err
		}
		switch mode {
		case enforce:
			if math.IsNaN(f) || math.IsInf(f, 0) || math.Trunc(f) < low || math.Trunc(f) > high {
				return 0, TypeError("Value is outside the '%s' value range.", name)
			}
			return G(math.Trunc(f)), nil
		case clamp:
			if math.IsNaN(f) {
				return 0, nil
			}
			return G(math.RoundToEven(min(max(f, low), high))), nil
		}
		if f >= low && f <= high {
			return G(f), nil
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, nil
		}
		m := math.Mod(math.Trunc(f), 1<<64)
		if m < 0 {
			return G(-uint64(-m)), nil
		}
		return G(uint64(m)), nil
	}}
}

// Enum is an enumeration type.
func Enum(name string, values ...string) Type[string] {
	return Type[string]{Name: name, to: func(js *Realm, v goja.Value) (string, error) {
		s := v.ToString().String()
		for _, x := range values {
			if s == x {
				return s, nil
			}
		}
		return "", TypeError("The provided value '%s' is not a valid enum value of type %s.", s, name)
	}}
}

// Sequence is sequence<T>: any iterable object.
func Sequence[G any](t Type[G]) Type[[]G] {
	return Type[[]G]{Name: "sequence<" + t.Name + ">", to: func(js *Realm, v goja.Value) ([]G, error) {
		o, ok := v.(*goja.Object)
		if !ok {
			return nil, TypeError("The provided value cannot be converted to a sequence.")
		}
		list := []G{}
		err := js.Iterate(o, func(item goja.Value) error {
			x, err := t.to(js, item)
			if err == nil {
				list = append(list, x)
			}
			return err
		})
		return list, err
	}}
}

// Iterate calls step for each value of an iterable object, closing the iterator when
// step fails. A value that is not iterable is a TypeError.
func (js *Realm) Iterate(o *goja.Object, step func(goja.Value) error) error {
	if js.plainArray(o) {
		return eachElement(o, step)
	}
	var iterable goja.Value = o
	if !IsArray(o) {
		// The method is got once and in sight of the script.
		method, ok := goja.AssertFunction(o.GetSymbol(goja.SymIterator))
		if !ok {
			return TypeError("The object must have a callable @@iterator property.")
		}
		iterator, err := method(o)
		if err != nil {
			panic(err) // the engine's to pass on
		}
		got := js.VM.NewObject()
		must(got.SetSymbol(goja.SymIterator, func() goja.Value { return iterator }))
		iterable = got
	}
	var err error
	js.VM.ForOf(iterable, func(v goja.Value) bool {
		err = step(v)
		return err == nil
	})
	return err
}
