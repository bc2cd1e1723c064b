package streams

import (
	"io"
	"math/big"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// IdentityTransformStreamClass is the IdentityTransformStream of Workers, whose
// readable side is a byte stream of what is written:
// https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/
var IdentityTransformStreamClass = &webidl.Class[*TransformStream]{Name: "IdentityTransformStream", Extends: TransformStreamClass}

// FixedLengthStreamClass is the FixedLengthStream of Workers: an IdentityTransformStream
// that passes exactly so many bytes, which gives a body made from it a content-length.
var FixedLengthStreamClass = &webidl.Class[*TransformStream]{Name: "FixedLengthStream", Extends: IdentityTransformStreamClass}

var _ = define(IdentityTransformStreamClass,
	webidl.New1(func(js *webidl.Realm, s strategy) (*TransformStream, error) { return newIdentity(js, -1, s) }, queuingStrategy))

var _ = define(FixedLengthStreamClass,
	webidl.New2(func(js *webidl.Realm, length uint64, s strategy) (*TransformStream, error) {
		return newIdentity(js, int64(length), s)
	}, fixedLength, queuingStrategy))

// fixedLength is a length given as a number or a BigInt.
var fixedLength = webidl.NewType("unsigned long long", func(js *webidl.Realm, v goja.Value) (uint64, error) {
	if n, ok := bigInt(v); ok {
		if !n.IsUint64() || n.Uint64() > 1<<53-1 {
			return 0, webidl.TypeError("FixedLengthStream requires an integer expected length less than 2^53.")
		}
		return n.Uint64(), nil
	}
	n, err := webidl.UnsignedLongLongEnforced.Convert(js, v)
	if err != nil {
		return 0, webidl.TypeError("FixedLengthStream requires an integer expected length less than 2^53.")
	}
	return n, nil
})

func bigInt(v goja.Value) (*big.Int, bool) {
	if _, ok := v.(*goja.Object); ok {
		return nil, false
	}
	n, ok := v.Export().(*big.Int)
	return n, ok
}

func newIdentity(js *webidl.Realm, length int64, s strategy) (*TransformStream, error) {
	highWaterMark, err := s.extract(1)
	if err != nil {
		return nil, err
	}
	by := &identity{left: length}
	t := &TransformStream{bytes: by, byteReadable: true}
	t.setUp(js, goTransformer{&identityTransformer{by}}, done(), highWaterMark, s.size, 0, nil)
	if length >= 0 {
		t.readable.declared = webidl.Some(length)
	}
	return t, nil
}

// NewIdentity returns a transform stream that yields the bytes written to it; length
// is the number of bytes that must pass, or -1 for any.
func NewIdentity(js *webidl.Realm, length int64) *TransformStream {
	t, err := newIdentity(js, length, strategy{})
	must(err) // the default strategy is valid
	return t
}

// identity passes bytes on and counts them.
type identity struct{ left int64 } // bytes still to pass, or -1

func (i *identity) count(n int) error {
	if i.left < 0 {
		return nil
	}
	if int64(n) > i.left {
		return webidl.TypeError("Attempt to write too many bytes through a FixedLengthStream.")
	}
	i.left -= int64(n)
	return nil
}

func (i *identity) end() error {
	if i.left > 0 {
		return webidl.TypeError("FixedLengthStream did not see all expected bytes before close().")
	}
	return nil
}

func (i *identity) Transform(dst, chunk []byte) ([]byte, error) {
	return append(dst, chunk...), i.count(len(chunk))
}

func (i *identity) Flush(dst []byte) ([]byte, error) { return dst, i.end() }

// Reader implements ReaderTransformer.
func (i *identity) Reader(input io.Reader, length int64) (io.Reader, int64) {
	if i.left < 0 {
		return input, length
	}
	return &countingReader{input, i}, i.left
}

// countingReader fails unless exactly so many bytes are read.
type countingReader struct {
	input io.Reader
	*identity
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.input.Read(p)
	if bad := r.count(n); bad != nil {
		return 0, bad
	}
	if err == io.EOF {
		if bad := r.identity.end(); bad != nil {
			return n, bad
		}
	}
	return n, err
}

// identityTransformer passes chunks that scripts write.
type identityTransformer struct{ *identity }

func (i *identityTransformer) Transform(js *webidl.Realm, s *TransformStream, chunk goja.Value) error {
	b, ok := js.BytesOf(chunk)
	if !ok {
		return webidl.TypeError("This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.")
	}
	if err := i.count(len(b)); err != nil {
		return err
	}
	return s.Enqueue(js, chunk)
}

func (i *identityTransformer) Flush(*webidl.Realm, *TransformStream) error { return i.identity.end() }
