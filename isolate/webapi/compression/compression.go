package compression

import (
	"runtime"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// stream is the GenericTransformStream mixin: https://streams.spec.whatwg.org/#generictransformstream
type stream struct {
	webidl.Handle
	transform *streams.TransformStream
}

func (s *stream) readable(js *webidl.Realm) (*goja.Object, error) {
	return s.transform.Readable().Wrap(js), nil
}

func (s *stream) writable(js *webidl.Realm) (*goja.Object, error) {
	return s.transform.Writable().Wrap(js), nil
}

type compressionStream struct{ stream }

type decompressionStream struct{ stream }

// CompressionStream is https://compression.spec.whatwg.org/#compression-stream
var CompressionStream = &webidl.Class[*compressionStream]{
	Name: "CompressionStream",
	Constructor: webidl.New1(func(js *webidl.Realm, f format) (*compressionStream, error) {
		return &compressionStream{stream{transform: compress(js, f)}}, nil
	}, formatType),
	Members: []webidl.Member[*compressionStream]{
		webidl.ReadOnly("readable", func(s *compressionStream, js *webidl.Realm) (*goja.Object, error) { return s.readable(js) }),
		webidl.ReadOnly("writable", func(s *compressionStream, js *webidl.Realm) (*goja.Object, error) { return s.writable(js) }),
	},
}

// DecompressionStream is https://compression.spec.whatwg.org/#decompression-stream
var DecompressionStream = &webidl.Class[*decompressionStream]{
	Name: "DecompressionStream",
	Constructor: webidl.New1(func(js *webidl.Realm, f format) (*decompressionStream, error) {
		return &decompressionStream{stream{transform: decompress(js, f)}}, nil
	}, formatType),
	Members: []webidl.Member[*decompressionStream]{
		webidl.ReadOnly("readable", func(s *decompressionStream, js *webidl.Realm) (*goja.Object, error) { return s.readable(js) }),
		webidl.ReadOnly("writable", func(s *decompressionStream, js *webidl.Realm) (*goja.Object, error) { return s.writable(js) }),
	},
}

// Globals are the names of the Compression standard in the global scope.
var Globals = []webidl.Global{webidl.Expose(CompressionStream), webidl.Expose(DecompressionStream)}

var poolsKey = new(int)

func compress(js *webidl.Realm, f format) *streams.TransformStream {
	p := webidl.Slot(js, poolsKey, func() *pools { return &pools{} })
	return streams.NewByteTransform(js, &compressor{format: f, pool: p.of(f)})
}

func decompress(js *webidl.Realm, f format) *streams.TransformStream {
	d := newDecompressor(f)
	t := streams.NewByteTransform(js, d)
	// A script may drop the stream before its end.
	runtime.AddCleanup(t, (*pump).close, d.pump)
	return t
}
