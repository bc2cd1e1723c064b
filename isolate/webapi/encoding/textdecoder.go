package encoding

import (
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// textDecoder is the TextDecoder interface's implementation.
type textDecoder struct {
	webidl.Handle
	Decoder
}

type textDecoderOptions struct{ fatal, ignoreBOM bool }

var decoderOptions = webidl.Dict("TextDecoderOptions", textDecoderOptions{},
	webidl.Has("fatal", webidl.Boolean, func(o *textDecoderOptions) *bool { return &o.fatal }),
	webidl.Has("ignoreBOM", webidl.Boolean, func(o *textDecoderOptions) *bool { return &o.ignoreBOM }))

var decodeOptions = webidl.Dict("TextDecodeOptions", false,
	webidl.Has("stream", webidl.Boolean, func(stream *bool) *bool { return stream }))

// TextDecoder is the TextDecoder interface: https://encoding.spec.whatwg.org/#interface-textdecoder
var TextDecoder = &webidl.Class[*textDecoder]{
	Name:        "TextDecoder",
	Constructor: webidl.New2(newTextDecoder, webidl.Default(webidl.DOMString, "utf-8"), decoderOptions),
	Members: []webidl.Member[*textDecoder]{
		webidl.ReadOnly("encoding", func(d *textDecoder, _ *webidl.Realm) (string, error) { return d.Encoding.Name, nil }),
		webidl.ReadOnly("fatal", func(d *textDecoder, _ *webidl.Realm) (bool, error) { return d.Fatal, nil }),
		webidl.ReadOnly("ignoreBOM", func(d *textDecoder, _ *webidl.Realm) (bool, error) { return d.IgnoreBOM, nil }),
		webidl.Op2("decode", (*textDecoder).decode, webidl.Default(webidl.BufferSource, nil), decodeOptions),
	},
}

// https://encoding.spec.whatwg.org/#dom-textdecoder
func newTextDecoder(_ *webidl.Realm, label string, o textDecoderOptions) (*textDecoder, error) {
	d, err := newDecoder(label, o)
	return &textDecoder{Decoder: d}, err
}

func newDecoder(label string, o textDecoderOptions) (Decoder, error) {
	// 1. Let encoding be the result of getting an encoding from label.
	e := Lookup(label)
	// 2. If encoding is failure or replacement, then throw a RangeError.
	if e == nil || e == replacement {
		return Decoder{}, webidl.RangeError("The encoding label provided ('%s') is invalid.", label)
	}
	return Decoder{Encoding: e, Fatal: o.fatal, IgnoreBOM: o.ignoreBOM}, nil
}

// https://encoding.spec.whatwg.org/#dom-textdecoder-decode
func (d *textDecoder) decode(_ *webidl.Realm, input []byte, stream bool) (string, error) {
	text, err := d.Decode(input, !stream)
	if err != nil {
		return "", webidl.TypeError("%s", err.Error())
	}
	return text, nil
}
