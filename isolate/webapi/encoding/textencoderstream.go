package encoding

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// textEncoderStream is the TextEncoderStream interface's implementation.
type textEncoderStream struct {
	webidl.Handle
	transform *streams.TransformStream
}

// TextEncoderStream is the TextEncoderStream interface: https://encoding.spec.whatwg.org/#interface-textencoderstream
var TextEncoderStream = &webidl.Class[*textEncoderStream]{
	Name: "TextEncoderStream",
	Constructor: webidl.New0(func(js *webidl.Realm) (*textEncoderStream, error) {
		return &textEncoderStream{transform: streams.NewTransform(js, &encoding{})}, nil
	}),
	Members: []webidl.Member[*textEncoderStream]{
		webidl.ReadOnly("encoding", func(*textEncoderStream, *webidl.Realm) (string, error) { return "utf-8", nil }),
		webidl.ReadOnly("readable", func(s *textEncoderStream, js *webidl.Realm) (*goja.Object, error) {
			return s.transform.Readable().Wrap(js), nil
		}),
		webidl.ReadOnly("writable", func(s *textEncoderStream, js *webidl.Realm) (*goja.Object, error) {
			return s.transform.Writable().Wrap(js), nil
		}),
	},
}

// encoding is what a TextEncoderStream does with its chunks.
type encoding struct {
	lead rune // a lead surrogate at the end of the last chunk, or 0
}

// Transform is https://encoding.spec.whatwg.org/#encode-and-enqueue-a-chunk
func (e *encoding) Transform(js *webidl.Realm, s *streams.TransformStream, chunk goja.Value) error {
	text, err := toString(js, chunk)
	if err != nil {
		return err
	}
	var b []byte
	start, end := 0, text.Length()
	if end == 0 {
		return nil
	}
	if e.lead != 0 {
		// The second half of a pair, or the first was alone.
		r := utf16.DecodeRune(e.lead, rune(text.CharAt(0)))
		if r != utf8.RuneError {
			start = 1
		}
		b, e.lead = utf8.AppendRune(b, r), 0
	}
	if start < end {
		if last := rune(text.CharAt(end - 1)); last >= 0xD800 && last < 0xDC00 {
			e.lead = last
			end--
		}
	}
	if start > 0 || end < text.Length() {
		text = text.Substring(start, end)
	}
	if b = append(b, text.String()...); len(b) == 0 {
		return nil
	}
	return s.Enqueue(js, js.Uint8Array(b))
}

// toString converts a chunk to a DOMString with its lone surrogates.
func toString(js *webidl.Realm, v goja.Value) (goja.String, error) {
	if o, ok := v.(*goja.Object); ok {
		v = o.ToString()
	}
	if s, ok := v.(goja.String); ok {
		return s, nil
	}
	if _, ok := v.(*goja.Symbol); ok {
		return nil, webidl.TypeError("Cannot convert a Symbol value to a string")
	}
	return js.String(v.String()).(goja.String), nil
}

// Flush is https://encoding.spec.whatwg.org/#encode-and-flush
func (e *encoding) Flush(js *webidl.Realm, s *streams.TransformStream) error {
	if e.lead == 0 {
		return nil
	}
	return s.Enqueue(js, js.Uint8Array([]byte("\uFFFD")))
}
