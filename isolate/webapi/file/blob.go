package file

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// MaxSize is the size of the largest blob that a script can put together, in bytes.
const MaxSize = 128 << 20

// BlobClass is the Blob interface: https://w3c.github.io/FileAPI/#dfn-Blob
var BlobClass = &webidl.Class[AnyBlob]{
	Name:        "Blob",
	Constructor: webidl.New2(newBlob, webidl.Default(blobParts, nil), blobPropertyBag),
	Members: []webidl.Member[AnyBlob]{
		webidl.ReadOnly("size", func(b AnyBlob, _ *webidl.Realm) (int, error) { return len(b.blob().data), nil }),
		webidl.ReadOnly("type", func(b AnyBlob, _ *webidl.Realm) (string, error) { return b.blob().kind, nil }),
		webidl.Op3("slice", slice, webidl.Default(webidl.LongLongClamped, 0), webidl.Optional(webidl.LongLongClamped),
			webidl.Default(webidl.DOMString, "")),
		webidl.Op0("stream", stream),
		webidl.Op0("text", text),
		webidl.Op0("arrayBuffer", arrayBuffer),
		webidl.Op0("bytes", bytesOfBlob),
	},
}

// A Blob is the implementation of [BlobClass].
type Blob struct {
	webidl.Handle
	data []byte
	kind string
}

// AnyBlob is a [*Blob] or a [*File].
type AnyBlob interface {
	webidl.Wrapper
	blob() *Blob
	// Bytes returns the blob's content, which must not be changed.
	Bytes() []byte
	// Type returns the blob's MIME type, "" if it has none.
	Type() string
}

// NewBlob returns a blob of data, which nobody may change afterwards, with the type kind
// as it stands.
func NewBlob(data []byte, kind string) *Blob { return &Blob{data: data, kind: kind} }

func (b *Blob) blob() *Blob { return b }

// Bytes implements AnyBlob.
func (b *Blob) Bytes() []byte { return b.data }

// Type implements AnyBlob.
func (b *Blob) Type() string { return b.kind }

// Wrap implements webidl.Wrapper.
func (b *Blob) Wrap(js *webidl.Realm) *goja.Object { return BlobClass.Wrap(js, b) }

// FetchBody is what the blob is as the body of a request or a response.
// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
func (b *Blob) FetchBody(*webidl.Realm) (data []byte, contentType string, err error) {
	return b.data, b.kind, nil
}

// newBlob: https://w3c.github.io/FileAPI/#constructorBlob
func newBlob(_ *webidl.Realm, parts []part, options propertyBag) (AnyBlob, error) {
	data, err := join(parts, options.native)
	if err != nil {
		return nil, err
	}
	return NewBlob(data, normalizeType(options.kind)), nil
}

// normalizeType is the steps that the constructor and slice apply to a type: none if it
// has a character outside of U+0020 to U+007E, and otherwise its lower-case form.
func normalizeType(kind string) string {
	upper := false
	for i := 0; i < len(kind); i++ {
		c := kind[i]
		if c < ' ' || c > '~' {
			return ""
		}
		upper = upper || 'A' <= c && c <= 'Z'
	}
	if !upper {
		return kind
	}
	b := []byte(kind)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// slice: https://w3c.github.io/FileAPI/#dfn-slice
func slice(this AnyBlob, js *webidl.Realm, start int64, end webidl.Opt[int64], contentType string) (*goja.Object, error) {
	data := this.blob().data
	size := int64(len(data))
	// 1-2. Positions from the end are negative.
	relative := func(position int64) int64 {
		if position < 0 {
			return max(size+position, 0)
		}
		return min(position, size)
	}
	from, to := relative(start), size
	if end.Set {
		to = relative(end.Value)
	}
	// 3-5.
	to = max(from, to)
	return webidl.ObjectOf(js, NewBlob(data[from:to:to], normalizeType(contentType))), nil
}

// stream: https://w3c.github.io/FileAPI/#dom-blob-stream
func stream(this AnyBlob, js *webidl.Realm) (*goja.Object, error) {
	return streams.NewFromBytes(js, this.blob().data).Wrap(js), nil
}

// text: https://w3c.github.io/FileAPI/#dom-blob-text
func text(this AnyBlob, js *webidl.Realm) (*webidl.Promise, error) {
	return webidl.Resolved(js, js.String(decodeUTF8(this.blob().data, false))), nil
}

// arrayBuffer: https://w3c.github.io/FileAPI/#dom-blob-arraybuffer
func arrayBuffer(this AnyBlob, js *webidl.Realm) (*webidl.Promise, error) {
	return webidl.Resolved(js, js.ArrayBuffer(this.blob().copy())), nil
}

// bytesOfBlob: https://w3c.github.io/FileAPI/#dom-blob-bytes
func bytesOfBlob(this AnyBlob, js *webidl.Realm) (*webidl.Promise, error) {
	return webidl.Resolved(js, js.Uint8Array(this.blob().copy())), nil
}

// copy returns the content for a script to write to.
func (b *Blob) copy() []byte { return append(make([]byte, 0, len(b.data)), b.data...) }

var utf8 = encoding.Lookup("utf-8")

// decodeUTF8 is "UTF-8 decode", or "UTF-8 decode without BOM" if a byte order mark is to
// be kept: https://encoding.spec.whatwg.org/#utf-8-decode
func decodeUTF8(b []byte, keepMark bool) string {
	d := encoding.Decoder{Encoding: utf8, IgnoreBOM: keepMark}
	s, _ := d.Decode(b, true) // fails only if told to
	return s
}
