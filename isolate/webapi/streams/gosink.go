package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A Sink is what Go does with the chunks written to a stream. All is called on the
// loop, one at a time; an error fails the write and the stream. A Write's chunk is the
// script's again when Write returns.
type Sink interface {
	Write(js *webidl.Realm, chunk goja.Value) error
	// Close is called after the last write.
	Close(js *webidl.Realm) error
	// Abort is called instead when the script gives the stream up.
	Abort(js *webidl.Realm, reason goja.Value)
}

// NewWritable returns a writable stream that takes one chunk at a time. Its object is
// made when first asked for, so it may be of a class that extends WritableStream.
func NewWritable(js *webidl.Realm, to Sink) *WritableStream {
	s := newWritable(js, goSink{to}, done(), 1, nil)
	s.native = to
	return s
}

// Sink returns the Sink that the stream was made with; nil if it was made otherwise.
func (s *WritableStream) Sink() Sink { return s.native }

type goSink struct{ Sink }

func (s goSink) write(js *webidl.Realm, chunk goja.Value) *promise {
	return settled(js, s.Write(js, chunk))
}

func (s goSink) close(js *webidl.Realm) *promise { return settled(js, s.Close(js)) }

func (s goSink) abort(js *webidl.Realm, reason goja.Value) *promise {
	s.Abort(js, reason)
	return done()
}

func settled(js *webidl.Realm, err error) *promise {
	if err != nil {
		return failed(thrown(js, err))
	}
	return done()
}
