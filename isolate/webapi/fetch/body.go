package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webapi/file"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
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

// cancel gives up a body that will not be sent.
func (b *body) cancel(js *webidl.Realm, reason goja.Value) {
	if b.stream != nil && !b.stream.Locked() {
		b.stream.Cancel(js, reason)
	}
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

// content is all of a body.
type content struct {
	bytes []byte
	fresh bool // nobody else has the bytes, which count for the isolate already
}

// own returns the bytes for a script to write to, as memory of its isolate.
func (c content) own() []byte {
	if c.fresh {
		return c.bytes
	}
	return append([]byte{}, c.bytes...)
}

// uncleared returns no bytes, with room for n. Clearing the room would cost as much as
// half of reading a body into it; what is in it may be of other tenants, so nobody may
// see more of it than has been read.
func uncleared(n int64) []byte {
	var b strings.Builder // the one way to memory that is not cleared
	b.Grow(int(n))
	b.WriteByte(0)
	return unsafe.Slice(unsafe.StringData(b.String()), b.Cap())[:0]
}

// text returns the bytes decoded as UTF-8, without copying them if nobody else has them.
func (c content) text() string {
	if c.fresh {
		if text, ok := trimUTF8(c.bytes); ok {
			return unsafe.String(unsafe.SliceData(text), len(text))
		}
	}
	return DecodeUTF8(c.bytes)
}

// consume reads the body to its end and resolves with what convert makes of it.
// https://fetch.spec.whatwg.org/#concept-body-consume-body
func (b *body) consume(js *webidl.Realm, convert func(*webidl.Realm, content) (goja.Value, error)) (*webidl.Promise, error) {
	if b.unusable() {
		return nil, webidl.TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.")
	}
	if b.stream != nil {
		return readStream(js, b.stream, convert), nil
	}
	data := b.data
	b.used = !data.None()
	if a, ok := data.Stream.(*abortable); ok {
		if reason := a.reason.get(); reason != nil {
			return nil, reason
		}
	}
	if data.Stream != nil {
		var room []byte
		if data.Length > 0 {
			room = uncleared(min(data.Length, MaxBuffered) + 1) // here, so that it is known as the isolate's
		}
		return webidl.Await(js, func(ctx context.Context) (content, error) {
			b, err := readAll(ctx, data, room)
			return content{slices.Clip(b), room != nil && cap(b) == cap(room)}, err
		}, convert), nil
	}
	v, err := convert(js, content{bytes: data.Bytes})
	if err != nil {
		return nil, err
	}
	return webidl.Resolved(js, v), nil
}

// readStream collects a ReadableStream.
func readStream(js *webidl.Realm, s *streams.ReadableStream, convert func(*webidl.Realm, content) (goja.Value, error)) *webidl.Promise {
	p := js.NewPromise()
	streams.ReadAll(js, s, MaxBuffered, func(data []byte, err error) {
		var v goja.Value
		if err == nil {
			if ex := js.Catch(func() { v, err = convert(js, content{bytes: data}) }); ex != nil {
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

// readAll reads a streamed body, into buf as long as that has room, and closes it. The
// end of ctx closes it too, so that a read that waits for a peer does not outlive the
// invocation.
func readAll(ctx context.Context, b outside.Body, buf []byte) ([]byte, error) {
	stop := context.AfterFunc(ctx, func() { b.Stream.Close() })
	defer stop()
	defer b.Stream.Close()
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 512)
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
		if _, ok := v.(goja.String); !ok {
			v = v.ToString()
		}
		return textBody(v.String()), nil
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
type mixin struct{ body body }

func (m *mixin) message() *mixin { return m }

type hasBody interface {
	message() *mixin
	// mimeType is https://fetch.spec.whatwg.org/#concept-body-mime-type
	mimeType() (mimesniff.Type, bool)
}

// bodyMembers are the mixin's members for a class.
func bodyMembers[T hasBody]() []webidl.Member[T] {
	return []webidl.Member[T]{
		webidl.ReadOnly("body", func(m T, js *webidl.Realm) (*goja.Object, error) { return m.message().body.readable(js), nil }),
		webidl.ReadOnly("bodyUsed", func(m T, _ *webidl.Realm) (bool, error) { return m.message().body.disturbed(), nil }),
		consumer("arrayBuffer", func(js *webidl.Realm, _ T, c content) (goja.Value, error) {
			return js.ArrayBuffer(c.own()), nil
		}),
		consumer("blob", func(js *webidl.Realm, m T, c content) (goja.Value, error) {
			kind := ""
			if t, ok := m.mimeType(); ok {
				kind = t.String()
			}
			return file.NewBlob(c.bytes, kind).Wrap(js), nil
		}),
		consumer("bytes", func(js *webidl.Realm, _ T, c content) (goja.Value, error) {
			return js.Uint8Array(c.own()), nil
		}),
		consumer("formData", func(js *webidl.Realm, m T, c content) (goja.Value, error) {
			f, err := parseForm(js, m, c.bytes)
			if err != nil {
				return nil, err
			}
			return f.Wrap(js), nil
		}),
		consumer("json", func(js *webidl.Realm, _ T, c content) (goja.Value, error) { return js.ParseJSON(c.text()) }),
		consumer("text", func(js *webidl.Realm, _ T, c content) (goja.Value, error) {
			return js.String(c.text()), nil
		}),
	}
}

func consumer[T hasBody](name string, convert func(*webidl.Realm, T, content) (goja.Value, error)) webidl.Member[T] {
	return webidl.Op0(name, func(m T, js *webidl.Realm) (*webidl.Promise, error) {
		return m.message().body.consume(js, func(js *webidl.Realm, c content) (goja.Value, error) { return convert(js, m, c) })
	})
}

// DecodeUTF8 is "UTF-8 decode": a byte order mark is dropped and malformed bytes become
// U+FFFD. https://encoding.spec.whatwg.org/#utf-8-decode
func DecodeUTF8(b []byte) string {
	if text, ok := trimUTF8(b); ok {
		return string(text)
	}
	d := encoding.Decoder{Encoding: unicode}
	s, _ := d.Decode(b, true) // fails only if told to
	return s
}

// trimUTF8 drops a byte order mark, and reports whether the rest is well formed.
func trimUTF8(b []byte) ([]byte, bool) {
	text := bytes.TrimPrefix(b, []byte("\uFEFF"))
	return text, utf8.Valid(text)
}

var unicode = encoding.Lookup("utf-8")
