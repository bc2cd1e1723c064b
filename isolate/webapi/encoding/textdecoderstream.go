package encoding

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// textDecoderStream is the TextDecoderStream interface's implementation.
type textDecoderStream struct {
	webidl.Handle
	decoder   *Decoder
	transform *streams.TransformStream
}

// TextDecoderStream is the TextDecoderStream interface: https://encoding.spec.whatwg.org/#interface-textdecoderstream
var TextDecoderStream = &webidl.Class[*textDecoderStream]{
	Name:        "TextDecoderStream",
	Constructor: webidl.New2(newTextDecoderStream, webidl.Default(webidl.DOMString, "utf-8"), decoderOptions),
	Members: []webidl.Member[*textDecoderStream]{
		webidl.ReadOnly("encoding", func(s *textDecoderStream, _ *webidl.Realm) (string, error) { return s.decoder.Encoding.Name, nil }),
		webidl.ReadOnly("fatal", func(s *textDecoderStream, _ *webidl.Realm) (bool, error) { return s.decoder.Fatal, nil }),
		webidl.ReadOnly("ignoreBOM", func(s *textDecoderStream, _ *webidl.Realm) (bool, error) { return s.decoder.IgnoreBOM, nil }),
		webidl.ReadOnly("readable", func(s *textDecoderStream, js *webidl.Realm) (*goja.Object, error) {
			return s.transform.Readable().Wrap(js), nil
		}),
		webidl.ReadOnly("writable", func(s *textDecoderStream, js *webidl.Realm) (*goja.Object, error) {
			return s.transform.Writable().Wrap(js), nil
		}),
	},
}

// https://encoding.spec.whatwg.org/#dom-textdecoderstream
func newTextDecoderStream(js *webidl.Realm, label string, o textDecoderOptions) (*textDecoderStream, error) {
	d, err := newDecoder(label, o)
	if err != nil {
		return nil, err
	}
	return &textDecoderStream{decoder: &d, transform: streams.NewTransform(js, decoding{&d})}, nil
}

// decoding is what a TextDecoderStream does with its chunks.
type decoding struct{ decoder *Decoder }

// Transform is https://encoding.spec.whatwg.org/#decode-and-enqueue-a-chunk
func (d decoding) Transform(js *webidl.Realm, s *streams.TransformStream, chunk goja.Value) error {
	b, err := webidl.BufferSource.Convert(js, chunk)
	if err != nil {
		return err
	}
	return d.enqueue(js, s, b, false)
}

// Flush is https://encoding.spec.whatwg.org/#flush-and-enqueue
func (d decoding) Flush(js *webidl.Realm, s *streams.TransformStream) error {
	return d.enqueue(js, s, nil, true)
}

func (d decoding) enqueue(js *webidl.Realm, s *streams.TransformStream, b []byte, last bool) error {
	text, err := d.decoder.Decode(b, last)
	switch {
	case err != nil:
		return webidl.TypeError("%s", err.Error())
	case text == "":
		return nil
	}
	return s.Enqueue(js, js.String(text))
}
