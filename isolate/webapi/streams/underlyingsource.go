package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A source is what a readable stream's controller asks for data.
type source interface {
	pull(js *webidl.Realm) *promise
	cancel(js *webidl.Realm, reason goja.Value) *promise
}

// underlyingSource is the UnderlyingSource dictionary: https://streams.spec.whatwg.org/#dictdef-underlyingsource
type underlyingSource struct {
	object           goja.Value // what the functions are called on
	controller       func(js *webidl.Realm) goja.Value
	start            *webidl.Callback
	pullFunction     *webidl.Callback
	cancelFunction   *webidl.Callback
	bytes            bool
	autoAllocateSize webidl.Opt[uint64]
}

var bytesType = webidl.NewType("ReadableStreamType", func(js *webidl.Realm, v goja.Value) (bool, error) {
	_, err := webidl.Enum("ReadableStreamType", "bytes").Convert(js, v)
	return err == nil, err
})

var underlyingSourceDict = webidl.Dict("UnderlyingSource", underlyingSource{},
	webidl.May("autoAllocateChunkSize", webidl.UnsignedLongLongEnforced, func(s *underlyingSource) *webidl.Opt[uint64] { return &s.autoAllocateSize }),
	webidl.Has("cancel", webidl.CallbackFunction, func(s *underlyingSource) **webidl.Callback { return &s.cancelFunction }),
	webidl.Has("pull", webidl.CallbackFunction, func(s *underlyingSource) **webidl.Callback { return &s.pullFunction }),
	webidl.Has("start", webidl.CallbackFunction, func(s *underlyingSource) **webidl.Callback { return &s.start }),
	webidl.Has("type", bytesType, func(s *underlyingSource) *bool { return &s.bytes }))

func (s *underlyingSource) pull(js *webidl.Realm) *promise {
	if s.pullFunction == nil {
		return done()
	}
	return call(js, s.pullFunction, s.object, s.controller(js))
}

func (s *underlyingSource) cancel(js *webidl.Realm, reason goja.Value) *promise {
	if s.cancelFunction == nil {
		return done()
	}
	return call(js, s.cancelFunction, s.object, reason)
}

func (s *underlyingSource) begin(js *webidl.Realm) (*promise, error) {
	return begin(js, s.start, s.object, s.controller)
}

// begin runs a start function; its exception is the constructor's.
func begin(js *webidl.Realm, start *webidl.Callback, this goja.Value, controller func(*webidl.Realm) goja.Value) (*promise, error) {
	if start == nil {
		return done(), nil
	}
	v, err := start.Call(this, controller(js))
	if err != nil {
		if webidl.Interrupted(err) {
			panic(err)
		}
		return nil, err
	}
	return promiseFor(js, v), nil
}
