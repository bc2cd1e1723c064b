package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Proxy returns a stream that takes everything out of s, which is locked and disturbed
// from then on: https://streams.spec.whatwg.org/#readablestream-create-a-proxy. The proxy
// of a stream that is still Go's is Go's too. It fails if s is locked.
func (s *ReadableStream) Proxy(js *webidl.Realm) (*ReadableStream, error) {
	if n := s.native; n != nil {
		end := n.end
		n.end = nil // passed on below
		if body, ok := s.TakeSource(js); ok {
			p := NewFromBody(js, body)
			p.native.end = end
			return p, nil
		}
		n.end = end
	}
	if s.Locked() {
		return nil, webidl.TypeError("Cannot pipe a locked stream")
	}
	t := NewTransform(js, passing{})
	quietly(s.pipe(js, t.writable, pipeOptions{}))
	return t.readable, nil
}

// passing hands chunks on.
type passing struct{}

func (passing) Transform(js *webidl.Realm, s *TransformStream, chunk goja.Value) error {
	return s.Enqueue(js, chunk)
}

func (passing) Flush(*webidl.Realm, *TransformStream) error { return nil }
