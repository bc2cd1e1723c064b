package streams

import (
	"io"
	"sync"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// watched returns body so that end is called on the loop once it was read to its end,
// has failed or is closed. Until then the loop has an operation under way.
func watched(js *webidl.Realm, body outside.Body, end func(*webidl.Realm, error)) outside.Body {
	if body.Stream == nil {
		js.Microtask(func() { end(js, nil) })
		return body
	}
	loop := js.Loop
	finished := func(err error) func() { return func() { js.Atomically(func() { end(js, err) }) } }
	context := js.Task(nil)
	loop.Begin()
	w := &watchedReader{source: body.Stream, left: body.Length}
	w.told = func(err error) {
		context.Run = finished(err)
		loop.Complete(context)
	}
	body.Stream = w
	return body
}

// watchedReader tells once how reading ended.
type watchedReader struct {
	source io.ReadCloser
	left   int64
	once   sync.Once
	told   func(error)
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.source.Read(p)
	if w.left >= 0 {
		w.left -= int64(n)
	}
	switch {
	case err == io.EOF || err == nil && w.left == 0:
		w.once.Do(func() { w.told(nil) })
	case err != nil:
		w.once.Do(func() { w.told(err) })
	}
	return n, err
}

func (w *watchedReader) Close() error {
	w.once.Do(func() { w.told(outside.Errorf(outside.KindAbort, "The stream was given up before its end")) })
	return w.source.Close()
}
