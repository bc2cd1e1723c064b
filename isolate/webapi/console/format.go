package console

import (
	"math"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Format is the Formatter of https://console.spec.whatwg.org/#formatter with the
// specifiers of util.format: it returns the arguments of a call as one text.
func Format(js *webidl.Realm, args []goja.Value) string {
	f := &formatter{js: js, left: MaxText}
	if len(args) == 0 {
		return ""
	}
	if s, ok := args[0].(goja.String); ok {
		args = f.template(truncate(s.String(), MaxText), args[1:])
	} else {
		f.write(f.inspect(args[0], 2))
		args = args[1:]
	}
	for _, v := range args {
		if f.left <= 0 {
			break
		}
		f.write(" ")
		f.write(f.show(v))
	}
	return truncate(f.b.String(), MaxText)
}

type formatter struct {
	js   *webidl.Realm
	b    strings.Builder
	left int
}

func (f *formatter) write(s string) {
	f.b.WriteString(s)
	f.left -= len(s)
}

func (f *formatter) inspect(v goja.Value, depth int) string {
	return Inspect(f.js, v, InspectOptions{Depth: depth, MaxBytes: max(f.left, 1)})
}

// show is a further argument: strings stand as they are.
func (f *formatter) show(v goja.Value) string {
	if s, ok := v.(goja.String); ok {
		return s.String()
	}
	return f.inspect(v, 2)
}

// template writes text with its specifiers replaced, and returns the arguments left over.
func (f *formatter) template(text string, args []goja.Value) []goja.Value {
	alone := len(args) == 0 // then the text is not touched
	for {
		i := strings.IndexByte(text, '%')
		if i < 0 || i+1 >= len(text) {
			f.write(text)
			return args
		}
		c := text[i+1]
		if c == '%' {
			if alone {
				f.write(text[:i+2])
			} else {
				f.write(text[:i+1])
			}
			text = text[i+2:]
			continue
		}
		if strings.IndexByte("sdifjoOc", c) < 0 || len(args) == 0 || f.left <= 0 {
			f.write(text[:i+2])
			text = text[i+2:]
			continue
		}
		f.write(text[:i])
		f.write(f.specified(c, args[0]))
		args, text = args[1:], text[i+2:]
	}
}

func (f *formatter) specified(c byte, v goja.Value) string {
	_, isObject := v.(*goja.Object)
	_, isSymbol := v.(*goja.Symbol)
	switch c {
	case 's':
		if s, ok := v.(goja.String); ok {
			return s.String()
		}
		if isObject {
			return f.inspect(v, 0)
		}
		return f.inspect(v, 2)
	case 'd':
		switch {
		case goja.IsBigInt(v):
			return v.String() + "n"
		case isSymbol || isObject:
			return "NaN"
		}
		return number(v.ToFloat(), f.js.VM.ToValue(v.ToFloat()))
	case 'i':
		switch {
		case goja.IsBigInt(v):
			return v.String() + "n"
		case isSymbol || isObject:
			return "NaN"
		}
		return integer(v.String())
	case 'f':
		if isSymbol || isObject {
			return "NaN"
		}
		return float(v.String())
	case 'j':
		return string(appendJSON(f.js, nil, v, max(f.left, 0)))
	case 'O':
		return f.inspect(v, 2)
	case 'o':
		return Inspect(f.js, v, InspectOptions{Depth: 4, ShowHidden: true, MaxBytes: max(f.left, 1)})
	}
	return "" // %c
}

// integer is parseInt(s, 10) as text.
func integer(s string) string {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, err := strconv.ParseFloat(strings.TrimPrefix(s[:end], "+"), 64)
	if err != nil {
		return "NaN"
	}
	return goNumber(n)
}

// float is parseFloat(s) as text.
func float(s string) string {
	s = strings.TrimSpace(s)
	for end := len(s); end > 0; end-- {
		if strings.ContainsAny(s[:end], "xXpP_iInN") && !strings.HasSuffix(s[:end], "Infinity") {
			continue
		}
		if n, err := strconv.ParseFloat(s[:end], 64); err == nil {
			return goNumber(n)
		}
	}
	return "NaN"
}

func goNumber(n float64) string {
	if n == math.Trunc(n) && math.Abs(n) < 1e21 {
		if n == 0 && math.Signbit(n) {
			return "-0"
		}
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	if math.IsInf(n, 0) {
		return strings.Replace(strconv.FormatFloat(n, 'f', -1, 64), "Inf", "Infinity", 1)
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}
