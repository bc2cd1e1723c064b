package webidl

import (
	"unicode/utf8"

	"github.com/dop251/goja"
)

// Bytes is a ByteString's value: one byte for each of its characters.
type Bytes string

// DOMString is the DOMString type. Go strings are UTF-8, so a lone surrogate becomes
// U+FFFD here as it does in USVString.
var DOMString = Type[string]{Name: "DOMString", to: toString}

// USVString is the USVString type.
var USVString = Type[string]{Name: "USVString", to: toString}

func toString(_ *Realm, v goja.Value) (string, error) {
	if s, ok := v.(goja.String); ok {
		return s.String(), nil
	}
	if _, ok := v.(*goja.Symbol); ok { // the engine would give its description
		return "", TypeError("Cannot convert a Symbol value to a string")
	}
	return v.ToString().String(), nil
}

// ByteString is the ByteString type: characters above U+00FF are a TypeError.
var ByteString = Type[string]{Name: "ByteString", to: func(js *Realm, v goja.Value) (string, error) {
	s, err := toString(js, v)
	if err != nil {
		return "", err
	}
	if isASCII(s) {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	for i, r := range s {
		if r > 0xFF {
			return "", TypeError("Cannot convert argument to a ByteString because the character at index %d has a value of %d which is greater than 255.", i, r)
		}
		b = append(b, byte(r))
	}
	return string(b), nil
}}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// text returns s as a string that realms may share, which one made by an engine is not:
// it is looked at when first used.
func text(s string) goja.Value {
	var b goja.StringBuilder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}

// maxShort bounds the strings that the engine, too, looks at to see what is in them. Longer
// ones it keeps such that it need not do so before they are used, nor copy what they are for
// each call of a method of theirs.
const maxShort = 16

// String returns s, which is UTF-8, as a JavaScript string.
func (js *Realm) String(s string) goja.Value {
	if len(s) <= maxShort && isASCII(s) {
		return js.Heap().Text(s)
	}
	return js.VM.ToValue(s)
}

// ByteString returns the isomorphic decoding of s: each byte becomes the character of
// the same number.
func (js *Realm) ByteString(s Bytes) goja.Value {
	if isASCII(string(s)) {
		return js.String(string(s))
	}
	r := make([]rune, len(s))
	for i := 0; i < len(s); i++ {
		r[i] = rune(s[i])
	}
	return js.VM.ToValue(string(r))
}

// Strings returns an array of strings.
func (js *Realm) Strings(list []string) goja.Value {
	items := make([]any, len(list))
	for i, s := range list {
		items[i] = s
	}
	return js.VM.NewArray(items...)
}
