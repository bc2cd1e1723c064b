package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A sink is what a writable stream's controller hands chunks to.
type sink interface {
	write(js *webidl.Realm, chunk goja.Value) *promise
	close(js *webidl.Realm) *promise
	abort(js *webidl.Realm, reason goja.Value) *promise
}

// underlyingSink is the UnderlyingSink dictionary: https://streams.spec.whatwg.org/#dictdef-underlyingsink
type underlyingSink struct {
	object        goja.Value // what the functions are called on
	controller    func(js *webidl.Realm) goja.Value
	start         *webidl.Callback
	writeFunction *webidl.Callback
	closeFunction *webidl.Callback
	abortFunction *webidl.Callback
	kind          goja.Value // the type member, reserved
}

var underlyingSinkDict = webidl.Dict("UnderlyingSink", underlyingSink{},
	webidl.Has("abort", webidl.CallbackFunction, func(s *underlyingSink) **webidl.Callback { return &s.abortFunction }),
	webidl.Has("close", webidl.CallbackFunction, func(s *underlyingSink) **webidl.Callback { return &s.closeFunction }),
	webidl.Has("start", webidl.CallbackFunction, func(s *underlyingSink) **webidl.Callback { return &s.start }),
	webidl.Has("type", webidl.Any, func(s *underlyingSink) *goja.Value { return &s.kind }),
	webidl.Has("write", webidl.CallbackFunction, func(s *underlyingSink) **webidl.Callback { return &s.writeFunction }))

func (s *underlyingSink) begin(js *webidl.Realm) (*promise, error) {
	return begin(js, s.start, s.object, s.controller)
}

func (s *underlyingSink) write(js *webidl.Realm, chunk goja.Value) *promise {
	if s.writeFunction == nil {
		return done()
	}
	return call(js, s.writeFunction, s.object, chunk, s.controller(js))
}

func (s *underlyingSink) close(js *webidl.Realm) *promise {
	if s.closeFunction == nil {
		return done()
	}
	return call(js, s.closeFunction, s.object)
}

func (s *underlyingSink) abort(js *webidl.Realm, reason goja.Value) *promise {
	if s.abortFunction == nil {
		return done()
	}
	return call(js, s.abortFunction, s.object, reason)
}
