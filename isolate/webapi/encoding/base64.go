package encoding

import (
	"encoding/base64"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals are the names that the package puts in the global scope.
var Globals = []webidl.Global{
	webidl.Expose(TextEncoder),
	webidl.Expose(TextDecoder),
	webidl.Expose(TextEncoderStream),
	webidl.Expose(TextDecoderStream),
	webidl.GlobalFunction("atob", 1, atob),
	webidl.GlobalFunction("btoa", 1, btoa),
}

// https://html.spec.whatwg.org/#dom-btoa
func btoa(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	data, err := webidl.DOMString.Convert(js, args[0])
	if err != nil {
		return nil, err
	}
	latin1, ok := isomorphic(data)
	if !ok {
		return nil, webidl.DOMError("InvalidCharacterError", "The string to be encoded contains characters outside of the Latin1 range.")
	}
	return js.String(base64.StdEncoding.EncodeToString(latin1)), nil
}

// isomorphic returns the byte of each character of s, none of which may be above U+00FF:
// https://infra.spec.whatwg.org/#isomorphic-encode
func isomorphic(s string) ([]byte, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}

// https://html.spec.whatwg.org/#dom-atob
func atob(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	data, err := webidl.DOMString.Convert(js, args[0])
	if err != nil {
		return nil, err
	}
	b, ok := ForgivingBase64(data)
	if !ok {
		return nil, webidl.DOMError("InvalidCharacterError", "The string to be decoded is not correctly encoded.")
	}
	return js.ByteString(webidl.Bytes(b)), nil
}

// lenient takes any bits in the last character, as the standard does.
var lenient = base64.RawStdEncoding

// ForgivingBase64 is https://infra.spec.whatwg.org/#forgiving-base64-decode
func ForgivingBase64(data string) ([]byte, bool) {
	// 1. Remove all ASCII whitespace from data.
	if strings.ContainsAny(data, "\t\n\f\r ") {
		data = strings.Map(func(r rune) rune {
			switch r {
			case '\t', '\n', '\f', '\r', ' ':
				return -1
			}
			return r
		}, data)
	}
	// 2. If data's length divides by 4, remove one or two "=" from its end.
	if len(data)%4 == 0 {
		for i := 0; i < 2 && strings.HasSuffix(data, "="); i++ {
			data = data[:len(data)-1]
		}
	}
	// 3. A remainder of 1, or 4. a character outside the alphabet is failure.
	if len(data)%4 == 1 || strings.ContainsAny(data, "=\r\n") {
		return nil, false
	}
	b, err := lenient.DecodeString(data)
	return b, err == nil
}
