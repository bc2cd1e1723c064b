package encoding

import (
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// textEncoder is the TextEncoder interface's implementation.
type textEncoder struct{ webidl.Handle }

// TextEncoder is the TextEncoder interface: https://encoding.spec.whatwg.org/#interface-textencoder
var TextEncoder = &webidl.Class[*textEncoder]{
	Name:        "TextEncoder",
	Constructor: webidl.New0(func(*webidl.Realm) (*textEncoder, error) { return &textEncoder{}, nil }),
	Members: []webidl.Member[*textEncoder]{
		webidl.ReadOnly("encoding", func(*textEncoder, *webidl.Realm) (string, error) { return "utf-8", nil }),
		webidl.Op1("encode", (*textEncoder).encode, webidl.Default(webidl.USVString, "")),
		webidl.Op2("encodeInto", (*textEncoder).encodeInto, webidl.USVString, uint8Array),
	},
}

// https://encoding.spec.whatwg.org/#dom-textencoder-encode
func (*textEncoder) encode(js *webidl.Realm, input string) (*goja.Object, error) {
	return js.Uint8Array([]byte(input)), nil
}

// uint8Array is the Uint8Array type: its bytes, aliasing the script's memory.
var uint8Array = webidl.NewType("Uint8Array", func(js *webidl.Realm, v goja.Value) ([]byte, error) {
	view, ok := js.ViewOf(v)
	if !ok || view.Kind != "Uint8Array" {
		return nil, webidl.TypeError("parameter 2 is not of type 'Uint8Array'.")
	}
	return view.Bytes(), nil
})

// https://encoding.spec.whatwg.org/#dom-textencoder-encodeinto
func (*textEncoder) encodeInto(js *webidl.Realm, source string, destination []byte) (*goja.Object, error) {
	read, written := encodeInto(source, destination)
	result := js.VM.NewObject()
	for _, p := range []struct {
		name  string
		value int
	}{{"read", read}, {"written", written}} {
		if err := result.Set(p.name, p.value); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// encodeInto writes the code points of source that fit into destination. read counts
// UTF-16 code units, written counts bytes.
func encodeInto(source string, destination []byte) (read, written int) {
	for written < len(source) {
		r, n := utf8.DecodeRuneInString(source[written:])
		if written+n > len(destination) {
			break
		}
		written += n
		read++
		if r > 0xFFFF {
			read++
		}
	}
	copy(destination, source[:written])
	return read, written
}
