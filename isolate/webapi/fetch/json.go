package fetch

import (
	"unsafe"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/json"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ParseJSON is "parse JSON from bytes": https://infra.spec.whatwg.org/#parse-json-bytes-to-a-javascript-value
func ParseJSON(js *webidl.Realm, b []byte) (goja.Value, error) { return js.ParseJSON(DecodeUTF8(b)) }

// StringifyJSON is "serialize a JavaScript value to JSON bytes".
// https://infra.spec.whatwg.org/#serialize-a-javascript-value-to-json-bytes
func StringifyJSON(js *webidl.Realm, v goja.Value) ([]byte, error) {
	text, ok, err := js.StringifyJSON(nil, v, json.Options{})
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, webidl.TypeError("The data is not JSON serializable")
	}
	return text, nil
}

// bytesOf returns the bytes of s without copying them: they must not be changed.
func bytesOf(s string) []byte {
	if s == "" {
		return []byte{}
	}
	return unsafe.Slice(unsafe.StringData(s), len(s))
}
