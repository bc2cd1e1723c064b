package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// byteTee is https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamtee
type byteTee struct {
	stream        *ReadableStream
	reader        readableReader // of either kind, as the branch that pulls needs
	reading       bool
	readAgain     [2]bool
	canceled      [2]bool
	reasons       [2]goja.Value
	cancelPromise *promise
	controllers   [2]*byteController
}

func (s *ReadableStream) byteTee(js *webidl.Realm) (a, b *ReadableStream, err error) {
	r, err := acquireDefaultReader(s)
	if err != nil {
		return nil, nil, err
	}
	t := &byteTee{stream: s, reader: r, cancelPromise: newPromise()}
	a, t.controllers[0] = newByteStream(js, &byteTeeBranch{t, 0}, done(), 0)
	b, t.controllers[1] = newByteStream(js, &byteTeeBranch{t, 1}, done(), 0)
	t.forwardError(js)
	return a, b, nil
}

// forwardError is forwardReaderError, step 14.
func (t *byteTee) forwardError(js *webidl.Realm) {
	this := t.reader
	this.generic().closed.then(js, func(goja.Value) {}, func(e goja.Value) {
		if this != t.reader {
			return
		}
		t.controllers[0].fail(js, e)
		t.controllers[1].fail(js, e)
		t.settleUnlessCanceled(js)
	})
}

func (t *byteTee) settleUnlessCanceled(js *webidl.Realm) {
	if !t.canceled[0] || !t.canceled[1] {
		t.cancelPromise.resolve(js)
	}
}

// byteTeeBranch is the source of one branch.
type byteTeeBranch struct {
	tee   *byteTee
	index int
}

// pull is the pull1Algorithm or pull2Algorithm, steps 17 and 18.
func (b *byteTeeBranch) pull(js *webidl.Realm) *promise {
	t := b.tee
	if t.reading {
		t.readAgain[b.index] = true
		return done()
	}
	t.reading = true
	c := t.controllers[b.index]
	if _, err := c.getRequest(js); err != nil || c.request == nil {
		t.pullWithDefaultReader(js)
	} else {
		t.pullWithBYOBReader(js, c.request.view, b.index)
	}
	return done()
}

// cancel is the cancel1Algorithm or cancel2Algorithm, steps 19 and 20.
func (b *byteTeeBranch) cancel(js *webidl.Realm, reason goja.Value) *promise {
	t := b.tee
	t.canceled[b.index], t.reasons[b.index] = true, reason
	if t.canceled[1-b.index] {
		composite := js.VM.NewArray(t.reasons[0], t.reasons[1])
		t.cancelPromise.follow(js, t.stream.cancel(js, composite))
	}
	return t.cancelPromise
}

// pullWithDefaultReader is step 15.
func (t *byteTee) pullWithDefaultReader(js *webidl.Realm) {
	if r, ok := t.reader.(*byobReader); ok {
		r.release(js)
		t.reader, _ = acquireDefaultReader(t.stream)
		t.forwardError(js)
	}
	t.reader.(*defaultReader).readTo(js, t)
}

func (t *byteTee) chunk(js *webidl.Realm, v goja.Value) {
	js.Microtask(func() {
		t.readAgain = [2]bool{}
		chunks := [2]goja.Value{v, v}
		if !t.canceled[0] && !t.canceled[1] {
			clone, err := cloneView(js, v)
			if err != nil {
				t.failBoth(js, err)
				return
			}
			chunks[1] = clone
		}
		for i, c := range t.controllers {
			if !t.canceled[i] {
				enqueueView(js, c, chunks[i])
			}
		}
		t.reading = false
		t.pullAgain(js)
	})
}

// enqueueView enqueues a chunk that came out of a byte stream.
func enqueueView(js *webidl.Realm, c *byteController, v goja.Value) {
	view, ok := js.ViewOf(v)
	if !ok {
		return
	}
	if err := c.enqueue(js, view); err != nil {
		c.fail(js, js.ErrorValue(err))
	}
}

// cloneView is https://streams.spec.whatwg.org/#abstract-opdef-cloneasuint8array
func cloneView(js *webidl.Realm, v goja.Value) (*goja.Object, error) {
	view, ok := js.ViewOf(v)
	if !ok || detached(view.Buffer) {
		return nil, webidl.TypeError("Cannot clone a chunk whose buffer is detached")
	}
	return js.Uint8Array(append([]byte(nil), view.Bytes()...)), nil
}

// failBoth handles a chunk that cannot be cloned.
func (t *byteTee) failBoth(js *webidl.Realm, err error) {
	e := js.ErrorValue(err)
	t.controllers[0].fail(js, e)
	t.controllers[1].fail(js, e)
	t.cancelPromise.follow(js, t.stream.cancel(js, e))
}

func (t *byteTee) pullAgain(js *webidl.Realm) {
	for i := range t.readAgain {
		if t.readAgain[i] {
			(&byteTeeBranch{t, i}).pull(js)
			return
		}
	}
}

func (t *byteTee) close(js *webidl.Realm) {
	t.reading = false
	for i, c := range t.controllers {
		if !t.canceled[i] {
			_ = c.close(js) // a partly filled view errors the branch
		}
	}
	for _, c := range t.controllers {
		if c.pullIntos.len() > 0 {
			_ = c.respond(js, 0)
		}
	}
	t.settleUnlessCanceled(js)
}

func (t *byteTee) fail(*webidl.Realm, goja.Value) { t.reading = false }

// pullWithBYOBReader is step 16.
func (t *byteTee) pullWithBYOBReader(js *webidl.Realm, target *goja.Object, branch int) {
	if r, ok := t.reader.(*defaultReader); ok {
		r.release(js)
		byob := &byobReader{}
		if err := byob.setUp(js, t.stream); err != nil {
			t.reading = false
			return
		}
		t.reader = byob
		t.forwardError(js)
	}
	view, ok := js.ViewOf(target)
	if !ok {
		t.reading = false
		return
	}
	t.reader.(*byobReader).readTo(js, view, 1, &byteTeeRequest{t, branch})
}

// byteTeeRequest reads into the view of one branch.
type byteTeeRequest struct {
	tee    *byteTee
	branch int
}

func (r *byteTeeRequest) chunkInto(js *webidl.Realm, v goja.Value) {
	js.Microtask(func() {
		t := r.tee
		t.readAgain = [2]bool{}
		own, other := t.controllers[r.branch], t.controllers[1-r.branch]
		if !t.canceled[1-r.branch] {
			clone, err := cloneView(js, v)
			if err != nil {
				t.failBoth(js, err)
				return
			}
			if !t.canceled[r.branch] {
				r.respond(js, own, v)
			}
			enqueueView(js, other, clone)
		} else if !t.canceled[r.branch] {
			r.respond(js, own, v)
		}
		t.reading = false
		t.pullAgain(js)
	})
}

func (r *byteTeeRequest) respond(js *webidl.Realm, c *byteController, v goja.Value) {
	if view, ok := js.ViewOf(v); ok && c.pullIntos.len() > 0 {
		if err := c.respondWithNewView(js, view); err != nil {
			c.fail(js, js.ErrorValue(err))
		}
	}
}

func (r *byteTeeRequest) closeInto(js *webidl.Realm, v goja.Value) {
	t := r.tee
	t.reading = false
	own, other := t.controllers[r.branch], t.controllers[1-r.branch]
	if !t.canceled[r.branch] {
		_ = own.close(js)
	}
	if !t.canceled[1-r.branch] {
		_ = other.close(js)
	}
	if !goja.IsUndefined(v) {
		if !t.canceled[r.branch] {
			r.respond(js, own, v)
		}
		if !t.canceled[1-r.branch] && other.pullIntos.len() > 0 {
			_ = other.respond(js, 0)
		}
	}
	t.settleUnlessCanceled(js)
}

func (r *byteTeeRequest) failInto(*webidl.Realm, goja.Value) { r.tee.reading = false }
