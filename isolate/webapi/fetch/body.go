package fetch

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// MaxBuffered is the largest body that text(), json() and the like collect, in bytes.
const MaxBuffered = 128 << 20

// A body is the Body mixin's body: https://fetch.spec.whatwg.org/#concept-body.
// It stays as it came, bytes or a Go stream, until a script asks for the
// ReadableStream. The zero value is the null body.
type body struct {
	data   outside.Body
	stream *streams.ReadableStream // once a script has seen it
	used   bool                    // consumed without a stream
}

// null reports whether there is no body.
func (b *body) null() bool { return b.stream == nil && b.data.None() }

// unusable: https://fetch.spec.whatwg.org/#body-unusable
func (b *body) unusable() bool {
	if b.stream != nil {
		return b.stream.Disturbed() || b.stream.Locked()
	}
	return b.used
}

// disturbed is bodyUsed: https://fetch.spec.whatwg.org/#dom-body-bodyused
func (b *body) disturbed() bool {
	if b.stream != nil {
		return b.stream.Disturbed()
	}
	return b.used
}

// readable returns the body attribute's stream, or null.
// https://fetch.spec.whatwg.org/#dom-body-body
func (b *body) readable(js *webidl.Realm) *goja.Object {
	if b.null() {
		return nil
	}
	if b.stream == nil {
		if b.used { // what was read is gone: the stream is empty, locked and disturbed
			b.stream = streams.NewFromBytes(js, nil)
			b.stream.TakeSource(js)
		} else {
			b.stream = streams.NewFromBody(js, b.data)
		}
	}
	return b.stream.Wrap(js)
}

// take hands the body over to be sent: from then on it is used.
func (b *body) take(js *webidl.Realm) (outside.Body, error) {
	if b.null() {
		return outside.Body{}, nil
	}
	if b.unusable() {
		return outside.Body{}, webidl.TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.")
	}
	if b.stream != nil {
		return streams.Body(js, b.stream)
	}
	b.used = true
	return b.data, nil
}

// move makes b the body of another message, as constructing a Request from one does.
func (b *body) move(js *webidl.Realm) (body, error) {
	if b.null() {
		return body{}, nil
	}
	if b.stream != nil {
		data, err := b.take(js)
		return body{data: data}, err
	}
	moved := *b
	b.used = true
	return moved, nil
}

// clone: https://fetch.spec.whatwg.org/#concept-body-clone
func (b *body) clone(js *webidl.Realm) (body, error) {
	if b.null() {
		return body{}, nil
	}
	if b.stream == nil && b.data.Stream == nil {
		return body{data: b.data}, nil
	}
	b.readable(js)
	first, second, err := b.stream.Tee(js)
	if err != nil {
		return body{}, err
	}
	*b = body{stream: first}
	return body{stream: second}, nil
}

// consume reads the body to its end and resolves with what convert makes of it.
// https://fetch.spec.whatwg.org/#concept-body-consume-body
func (b *body) consume(js *webidl.Realm, convert func(*webidl.Realm, []byte) (goja.Value, error)) (*webidl.Promise, error) {
	if b.unusable() {
		return nil, webidl.TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.")
	}
	if b.stream != nil {
		return readStream(js, b.stream, convert), nil
	}
	data := b.data
	b.used = !data.None()
	if data.Stream != nil {
		return webidl.Await(js, func(ctx context.Context) ([]byte, error) { return readAll(ctx, data) }, convert), nil
	}
	v, err := convert(js, data.Bytes)
	if err != nil {
		return nil, err
	}
	return webidl.Resolved(js, v), nil
}

// readStream collects a ReadableStream.
func readStream(js *webidl.Realm, s *streams.ReadableStream, convert func(*webidl.Realm, []byte) (goja.Value, error)) *webidl.Promise {
	p := js.NewPromise()
	streams.ReadAll(js, s, MaxBuffered, func(data []byte, err error) {
		var v goja.Value
		if err == nil {
			if ex := js.Catch(func() { v, err = convert(js, data) }); ex != nil {
				err = ex
			}
		}
		if err != nil {
			p.Reject(err)
			return
		}
		p.Resolve(v)
	})
	return p
}

// readAll reads a streamed body and closes it. The end of ctx closes it too, so that a
// read that waits for a peer does not outlive the invocation.
func readAll(ctx context.Context, b outside.Body) ([]byte, error) {
	stop := context.AfterFunc(ctx, func() { b.Stream.Close() })
	defer stop()
	defer b.Stream.Close()
	size := int64(512)
	if b.Length > 0 {
		size = min(b.Length, MaxBuffered) + 1
	}
	buf := make([]byte, 0, size)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := b.Stream.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if len(buf) > MaxBuffered {
			return nil, outside.Errorf(outside.KindType, "Memory limit would be exceeded before EOF: the body is longer than %d bytes.", MaxBuffered)
		}
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return nil, err
		}
	}
}

// extracted is the result of https://fetch.spec.whatwg.org/#concept-bodyinit-extract.
type extracted struct {
	body body
	// contentType is set on the message unless it has one; "" for none.
	contentType string
}

// A Source is an object of another package that can be a body: Blob, FormData,
// URLSearchParams. Data is shared and not changed.
type Source interface {
	FetchBody(js *webidl.Realm) (data []byte, contentType string, err error)
}

// BodyInit is ReadableStream or XMLHttpRequestBodyInit.
var BodyInit = webidl.NewType("BodyInit", func(js *webidl.Realm, v goja.Value) (extracted, error) {
	o, ok := v.(*goja.Object)
	if !ok {
		return textBody(v.ToString().String()), nil
	}
	switch impl := webidl.Unwrap(v).(type) {
	case nil:
	case *streams.ReadableStream:
		if impl.Locked() || impl.Disturbed() {
			return extracted{}, webidl.TypeError("This ReadableStream is disturbed (has already been read from), and cannot be used as a body.")
		}
		return extracted{body: body{stream: impl, data: outside.Body{}}}, nil
	case Source:
		data, contentType, err := impl.FetchBody(js)
		if data == nil {
			data = []byte{}
		}
		return extracted{body{data: outside.Body{Bytes: data}}, contentType}, err
	}
	if data, ok := js.BytesOf(o); ok {
		return extracted{body: body{data: outside.Body{Bytes: append(make([]byte, 0, len(data)), data...)}}}, nil
	}
	return textBody(v.ToString().String()), nil
})

func textBody(s string) extracted {
	return extracted{body{data: outside.Body{Bytes: bytesOf(s)}}, "text/plain;charset=UTF-8"}
}

// mixin is what Request and Response share: https://fetch.spec.whatwg.org/#body-mixin
type mixin struct {
	body body
	// contentType returns the message's MIME type, for blob() and formData().
	contentType func() string
}

func (m *mixin) message() *mixin { return m }

type hasBody interface{ message() *mixin }

// bodyMembers are the mixin's members for a class.
func bodyMembers[T hasBody]() []webidl.Member[T] {
	return []webidl.Member[T]{
		webidl.ReadOnly("body", func(m T, js *webidl.Realm) (*goja.Object, error) { return m.message().body.readable(js), nil }),
		webidl.ReadOnly("bodyUsed", func(m T, _ *webidl.Realm) (bool, error) { return m.message().body.disturbed(), nil }),
		consumer[T]("arrayBuffer", func(js *webidl.Realm, _ *mixin, b []byte) (goja.Value, error) {
			return js.ArrayBuffer(own(b)), nil
		}),
		consumer[T]("bytes", func(js *webidl.Realm, _ *mixin, b []byte) (goja.Value, error) {
			return js.Uint8Array(own(b)), nil
		}),
		consumer[T]("json", func(js *webidl.Realm, _ *mixin, b []byte) (goja.Value, error) { return ParseJSON(js, b) }),
		consumer[T]("text", func(js *webidl.Realm, _ *mixin, b []byte) (goja.Value, error) {
			return js.String(DecodeUTF8(b)), nil
		}),
	}
}

func consumer[T hasBody](name string, convert func(*webidl.Realm, *mixin, []byte) (goja.Value, error)) webidl.Member[T] {
	return webidl.Op0(name, func(m T, js *webidl.Realm) (*webidl.Promise, error) {
		this := m.message()
		return this.body.consume(js, func(js *webidl.Realm, b []byte) (goja.Value, error) { return convert(js, this, b) })
	})
}

// own returns a copy of b for a script to write to: body bytes are shared.
func own(b []byte) []byte { return append(make([]byte, 0, len(b)), b...) }

// DecodeUTF8 is "UTF-8 decode": a byte order mark is dropped and malformed bytes become
// U+FFFD. https://encoding.spec.whatwg.org/#utf-8-decode
func DecodeUTF8(b []byte) string {
	if len(b) >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF {
		b = b[3:]
	}
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			n = malformed(b)
		}
		s.WriteRune(r)
		b = b[n:]
	}
	return s.String()
}

// malformed returns how many bytes one U+FFFD stands for: the longest prefix of a valid
// sequence, at least one byte.
func malformed(b []byte) int {
	low, high, need := byte(0x80), byte(0xBF), 0
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF:
		need = 1
	case c >= 0xE0 && c <= 0xEF:
		need = 2
		if c == 0xE0 {
			low = 0xA0
		}
		if c == 0xED {
			high = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		need = 3
		if c == 0xF0 {
			low = 0x90
		}
		if c == 0xF4 {
			high = 0x8F
		}
	}
	n := 1
	for n <= need && n < len(b) && b[n] >= low && b[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}
