package json

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// MaxDepth is how deep arrays and objects may be nested, in text and in values.
const MaxDepth = 5000

// ErrDepth says that a text or value is nested deeper than MaxDepth.
var ErrDepth = errors.New("JSON is nested too deep")

// A SyntaxError tells what is wrong with a text.
type SyntaxError struct {
	Message string
	Offset  int // in bytes
}

func (e *SyntaxError) Error() string { return e.Message }

// Parse returns the value of a text, made in h. Its strings share the memory of source
// unless they are short. The error is a *SyntaxError or ErrDepth.
func Parse(h *layout.Heap, source string) (goja.Value, error) {
	p := parser{heap: h, s: source}
	p.names.reset()
	const worthIt = 1 << 10
	if len(source) >= worthIt {
		p.texts = new([words]text)
	}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.i < len(p.s) {
		return nil, p.fail("Unexpected non-whitespace character after JSON at position %d", p.i)
	}
	return v, nil
}

type parser struct {
	heap  *layout.Heap
	s     string
	i     int
	depth int
	names names
	texts *[words]text // short strings seen lately, by a hash; nil for a short text
	bytes []byte       // of a string with escapes

	// Of the objects and arrays being read, the outermost first.
	keys   []unistring.String
	values []goja.Value
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{fmt.Sprintf(format, args...), p.i}
}

// unexpected is the error for whatever stands at the current place.
func (p *parser) unexpected() error {
	if p.i >= len(p.s) {
		return p.fail("Unexpected end of JSON input")
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.i:])
	return p.fail("Unexpected token '%c', %s is not valid JSON", r, p.excerpt())
}

// excerpt quotes the text around the current place.
func (p *parser) excerpt() string {
	const around = 10
	from, to := max(0, p.i-around), min(len(p.s), p.i+around)
	for from > 0 && !utf8.RuneStart(p.s[from]) {
		from--
	}
	for to < len(p.s) && !utf8.RuneStart(p.s[to]) {
		to++
	}
	before, after := "", ""
	if from > 0 {
		before = "..."
	}
	if to < len(p.s) {
		after = "..."
	}
	return before + `"` + p.s[from:to] + `"` + after
}

func (p *parser) space() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\n', '\r', '\t':
			p.i++
		default:
			return
		}
	}
}

// peek returns the byte at the current place, 0 at the end.
func (p *parser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *parser) value() (goja.Value, error) {
	p.space()
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, is, err := p.string()
		if err != nil {
			return nil, err
		}
		return p.text(s, is), nil
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case p.literal("true"):
		return p.heap.VM.ToValue(true), nil
	case p.literal("false"):
		return p.heap.VM.ToValue(false), nil
	case p.literal("null"):
		return goja.Null(), nil
	}
	return nil, p.unexpected()
}

func (p *parser) literal(word string) bool {
	if !strings.HasPrefix(p.s[p.i:], word) {
		return false
	}
	p.i += len(word)
	return true
}

func (p *parser) number() (goja.Value, error) {
	start := p.i
	negative := p.peek() == '-'
	if negative {
		p.i++
	}
	var n int64
	digits := p.i
	switch c := p.peek(); {
	case c == '0':
		p.i++
	case c >= '1' && c <= '9':
		n = p.digits(0)
	default:
		return nil, p.fail("No number after minus sign in JSON at position %d", p.i)
	}
	count, places, power := p.i-digits, 0, false
	if p.peek() == '.' {
		p.i++
		from := p.i
		n = p.digits(n)
		if places = p.i - from; places == 0 {
			return nil, p.fail("Unterminated fractional number in JSON at position %d", p.i)
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		power = true
		p.i++
		if c := p.peek(); c == '+' || c == '-' {
			p.i++
		}
		from := p.i
		p.digits(0)
		if p.i == from {
			return nil, p.fail("Exponent part is missing a number in JSON at position %d", p.i)
		}
	}
	const exact = 15 // decimal digits that fit a float64, and an int64
	if !power && count+places <= exact && n != 0 {
		if negative {
			n = -n
		}
		if places == 0 {
			return p.heap.Int(n), nil
		}
		// Both are exact, so that the quotient is the nearest there is.
		return p.float(float64(n) / powers[places]), nil
	}
	f, err := strconv.ParseFloat(p.s[start:p.i], 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, p.fail("Bad number in JSON at position %d", start)
	}
	return p.float(f), nil
}

var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14}

func (p *parser) float(f float64) goja.Value {
	if f == math.Trunc(f) {
		return p.heap.VM.ToValue(f)
	}
	return p.heap.Float(f)
}

// digits reads digits, which follow those of n.
func (p *parser) digits(n int64) int64 {
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		n = n*10 + int64(c-'0')
		p.i++
	}
	return n
}

// nature tells what is known of a string.
type nature uint8

const (
	foreign nature = 1 << iota // has other characters than ASCII
	escaped                    // is spelled with escapes: its bytes are good until the next such string
)

// string returns the contents of the string literal at the current place, as WTF-8.
func (p *parser) string() (string, nature, error) {
	p.i++
	start := p.i
	var all byte
	for i, c := range []byte(p.s[start:]) {
		if c >= ' ' && c != '"' && c != '\\' {
			all |= c
			continue
		}
		p.i = start + i
		is := natureOf(all)
		switch c {
		case '"':
			p.i++
			return p.s[start : p.i-1], is, nil
		case '\\':
			return p.escaped(start, is)
		}
		return "", 0, p.fail("Bad control character in string literal in JSON at position %d", p.i)
	}
	p.i = len(p.s)
	return "", 0, p.fail("Unterminated string in JSON at position %d", p.i)
}

func natureOf(all byte) nature {
	if all >= utf8.RuneSelf {
		return foreign
	}
	return 0
}

// escaped goes on with a string literal at its first escape.
func (p *parser) escaped(start int, is nature) (string, nature, error) {
	b := append(p.bytes[:0], p.s[start:p.i]...)
	defer func() { p.bytes = b }()
	for p.i < len(p.s) {
		c := p.s[p.i]
		p.i++
		switch {
		case c == '"':
			return unsafe.String(unsafe.SliceData(b), len(b)), is | escaped, nil
		case c < ' ':
			p.i--
			return "", 0, p.fail("Bad control character in string literal in JSON at position %d", p.i)
		case c != '\\':
			is |= natureOf(c)
			b = append(b, c)
			continue
		}
		if p.i >= len(p.s) {
			break
		}
		c = p.s[p.i]
		p.i++
		switch c {
		case '"', '\\', '/':
			b = append(b, c)
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			r, ok := p.hex()
			if !ok {
				return "", 0, p.fail("Bad Unicode escape in JSON at position %d", p.i)
			}
			if r >= utf8.RuneSelf {
				is |= foreign
			}
			b = appendUnit(b, r)
		default:
			p.i--
			return "", 0, p.fail("Bad escaped character in JSON at position %d", p.i)
		}
	}
	return "", 0, p.fail("Unterminated string in JSON at position %d", p.i)
}

// appendUnit appends a UTF-16 code unit as WTF-8, joining it to a high surrogate before it.
func appendUnit(b []byte, unit rune) []byte {
	if unit >= 0xDC00 && unit <= 0xDFFF {
		if n := len(b); n >= 3 && b[n-3] == 0xED && b[n-2] >= 0xA0 && b[n-2] <= 0xAF {
			return utf8.AppendRune(b[:n-3], utf16.DecodeRune(surrogate(b[n-2], b[n-1]), unit))
		}
	}
	if utf16.IsSurrogate(unit) {
		return append(b, 0xED, byte(0x80|unit>>6&0x3F), byte(0x80|unit&0x3F))
	}
	return utf8.AppendRune(b, unit)
}

// surrogate decodes the last two bytes of a surrogate's WTF-8.
func surrogate(second, third byte) rune { return 0xD000 | rune(second&0x3F)<<6 | rune(third&0x3F) }

func (p *parser) hex() (rune, bool) {
	if len(p.s)-p.i < 4 {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.s[p.i : p.i+4]) {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	p.i += 4
	return r, true
}

func (p *parser) object() (goja.Value, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, ErrDepth
	}
	holder, at := p.names.at, start
	keys, values := len(p.keys), len(p.values)
	p.i++
	p.space()
	if p.peek() == '}' {
		return p.made(holder, keys, values), nil
	}
	for {
		p.space()
		if p.peek() != '"' {
			if p.i >= len(p.s) || p.s[p.i] == '}' || p.s[p.i] == '\'' {
				return nil, p.fail("Expected double-quoted property name in JSON at position %d", p.i)
			}
			return nil, p.unexpected()
		}
		k, ok := p.guess(holder, at)
		if !ok {
			literal, is, err := p.string()
			if err != nil {
				return nil, err
			}
			k = p.names.find(literal)
			if is&escaped == 0 {
				p.names.follow(holder, at, k)
			}
		}
		at = k
		p.space()
		if p.peek() != ':' {
			return nil, p.fail("Expected ':' after property name in JSON at position %d", p.i)
		}
		p.i++
		p.names.at = k
		p.keys = append(p.keys, p.names.list[k].key)
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		p.values = append(p.values, v)
		p.names.at = holder
		p.space()
		switch p.peek() {
		case ',':
			p.i++
		case '}':
			return p.made(holder, keys, values), nil
		default:
			return nil, p.fail("Expected ',' or '}' after property value in JSON at position %d", p.i)
		}
	}
}

// made ends an object of whose properties the first has its name and value there.
func (p *parser) made(holder, key, value int) goja.Value {
	p.i++
	p.depth--
	in := &p.names.list[holder]
	o, shape := p.heap.Object(p.keys[key:], p.values[value:], in.shape)
	in.shape = shape
	p.keys = p.keys[:key]
	p.forget(value)
	return o
}

// forget drops the values from one on.
func (p *parser) forget(value int) {
	clear(p.values[value:])
	p.values = p.values[:value]
}

func (p *parser) array() (goja.Value, error) {
	if p.depth++; p.depth > MaxDepth {
		return nil, ErrDepth
	}
	base := len(p.values)
	p.i++
	p.space()
	if p.peek() == ']' {
		p.i++
		p.depth--
		return p.heap.Array(nil), nil
	}
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		p.values = append(p.values, v)
		p.space()
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			p.depth--
			a := p.heap.Array(p.values[base:])
			p.forget(base)
			return a, nil
		default:
			return nil, p.fail("Expected ',' or ']' after array element in JSON at position %d", p.i)
		}
	}
}
