package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// teeOperation is https://streams.spec.whatwg.org/#rs-tee
func (s *ReadableStream) teeOperation(js *webidl.Realm) (*goja.Object, error) {
	a, b, err := s.Tee(js)
	if err != nil {
		return nil, err
	}
	return js.VM.NewArray(a.Wrap(js), b.Wrap(js)), nil
}

// Tee is https://streams.spec.whatwg.org/#readable-stream-tee. The branches of a stream
// that is still Go's are Go's too. It fails if the stream is locked.
func (s *ReadableStream) Tee(js *webidl.Realm) (a, b *ReadableStream, err error) {
	if n := s.native; n != nil {
		end := n.end
		n.end = nil // passed on below
		if body, ok := s.TakeSource(js); ok {
			a, b = nativeTee(js, body, end)
			return a, b, nil
		}
		n.end = end
	}
	if _, ok := s.controller.(*byteController); ok {
		return s.byteTee(js)
	}
	return s.defaultTee(js)
}

// nativeTee tees what Go has. end is told once both branches have ended, or one at the
// end of the bytes.
func nativeTee(js *webidl.Realm, body outside.Body, end func(*webidl.Realm, error)) (a, b *ReadableStream) {
	bodies := [2]outside.Body{body, body}
	if body.Stream != nil {
		bodies[0].Stream, bodies[1].Stream = split(body.Stream)
	}
	a, b = NewFromBody(js, bodies[0]), NewFromBody(js, bodies[1])
	if end != nil {
		failures := 0
		branch := func(js *webidl.Realm, err error) {
			if err != nil {
				failures++
			}
			if end != nil && (err == nil || failures == 2) {
				told := end
				end = nil
				told(js, err)
			}
		}
		a.native.end, b.native.end = branch, branch
	}
	return a, b
}

// defaultTee is https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaulttee
// with cloneForBranch2 false.
type defaultTee struct {
	reader        *defaultReader
	reading       bool
	readAgain     bool
	canceled      [2]bool
	reasons       [2]goja.Value
	cancelPromise *promise
	branches      [2]*ReadableStream
	controllers   [2]*defaultController
}

func (s *ReadableStream) defaultTee(js *webidl.Realm) (a, b *ReadableStream, err error) {
	r, err := acquireDefaultReader(s)
	if err != nil {
		return nil, nil, err
	}
	t := &defaultTee{reader: r, cancelPromise: newPromise()}
	for i := range t.branches {
		t.branches[i], t.controllers[i] = newDefaultStream(js, &teeBranch{t, i}, done(), 1, nil)
	}
	// 19. Upon rejection of reader.[[closedPromise]] with reason r,
	r.closed.then(js, func(goja.Value) {}, func(e goja.Value) {
		t.controllers[0].fail(js, e)
		t.controllers[1].fail(js, e)
		if !t.canceled[0] || !t.canceled[1] {
			t.cancelPromise.resolve(js)
		}
	})
	return t.branches[0], t.branches[1], nil
}

// teeBranch is the source of one branch.
type teeBranch struct {
	tee   *defaultTee
	index int
}

// pull is the pullAlgorithm, step 13.
func (b *teeBranch) pull(js *webidl.Realm) *promise {
	t := b.tee
	if t.reading {
		t.readAgain = true
		return done()
	}
	t.reading = true
	t.reader.readTo(js, t)
	return done()
}

// cancel is the cancel1Algorithm or cancel2Algorithm, steps 14 and 15.
func (b *teeBranch) cancel(js *webidl.Realm, reason goja.Value) *promise {
	t := b.tee
	t.canceled[b.index], t.reasons[b.index] = true, reason
	if t.canceled[1-b.index] {
		composite := js.VM.NewArray(t.reasons[0], t.reasons[1])
		t.cancelPromise.follow(js, t.reader.stream.cancel(js, composite))
	}
	return t.cancelPromise
}

func (t *defaultTee) chunk(js *webidl.Realm, v goja.Value) {
	js.Microtask(func() {
		t.readAgain = false
		for i, c := range t.controllers {
			if !t.canceled[i] {
				if err := c.enqueue(js, v); err != nil {
					_ = thrown(js, err) // the branch is errored by now
				}
			}
		}
		t.reading = false
		if t.readAgain {
			(&teeBranch{tee: t}).pull(js)
		}
	})
}

func (t *defaultTee) close(js *webidl.Realm) {
	t.reading = false
	for i, c := range t.controllers {
		if !t.canceled[i] {
			c.close(js)
		}
	}
	if !t.canceled[0] || !t.canceled[1] {
		t.cancelPromise.resolve(js)
	}
}

func (t *defaultTee) fail(*webidl.Realm, goja.Value) { t.reading = false }
