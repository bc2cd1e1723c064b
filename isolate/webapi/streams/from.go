package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func from(js *webidl.Realm, v goja.Value) (*goja.Object, error) { return nil, nil }

func defineAsyncIterator(js *webidl.Realm, _, prototype *goja.Object) {}

func (s *ReadableStream) byteTee(js *webidl.Realm) (a, b *ReadableStream, err error) {
	return s.defaultTee(js)
}
