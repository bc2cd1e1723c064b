package htmlrewriter

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A caller is the Visitor of one transformation: it runs a script's handlers, those of
// one token in one turn unless they make it wait. The rewriter runs on the goroutine of
// whoever reads the transformed body, which waits meanwhile.
type caller struct {
	js       *webidl.Realm // only for turns
	context  *webidl.AsyncContext
	ctx      context.Context
	handlers []handlers // by rule

	answer chan error
	gone   chan struct{} // closed when the body is given up
	once   sync.Once
}

// Visit implements Visitor.
func (c *caller) Visit(t Token, rules []int) error {
	v := &visit{caller: c, token: t, rules: rules}
	c.js.Loop.Post(&eventloop.Task{Context: c.context, Run: func() {
		c.js.Run(c.context, func() { c.js.Atomically(v.run) })
	}})
	select {
	case err := <-c.answer:
		return err
	case <-c.gone:
		return errClosed
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	}
}

// close lets a Visit return.
func (c *caller) close() { c.once.Do(func() { close(c.gone) }) }

// A visit is one token on its way through its handlers.
type visit struct {
	*caller
	token Token
	rules []int
	next  int
}

// run calls the handlers that are left, up to one that has to be waited for.
func (v *visit) run() {
	for v.next < len(v.rules) {
		rule := v.rules[v.next]
		v.next++
		given, object := v.wrap()
		result, err := v.call(rule, object)
		if err != nil {
			given.expire()
			v.fail(err)
			return
		}
		if pending(result) {
			v.js.Then(result,
				func(goja.Value) { given.expire(); v.run() },
				func(reason goja.Value) { given.expire(); v.fail(webidl.Throw(reason)) })
			return
		}
		given.expire()
	}
	v.answer <- nil
}

// call calls the handler of a rule.
func (v *visit) call(rule int, object goja.Value) (goja.Value, error) {
	if end, ok := v.token.(*EndTag); ok {
		return end.Callbacks[rule].(*webidl.Callback).Call(nil, object)
	}
	h := &v.handlers[rule]
	var f *webidl.Callback
	switch v.token.(type) {
	case *Element:
		f = h.element
	case *Text:
		f = h.text
	case *Comment:
		f = h.comments
	case *Doctype:
		f = h.doctype
	case *DocumentEnd:
		f = h.end
	}
	return f.Call(h.object, object)
}

// pending reports whether the result of a handler has to be waited for. Most return
// nothing, or the token itself.
func pending(result goja.Value) bool {
	o, ok := result.(*goja.Object)
	if !ok {
		return false
	}
	if state, _, ok := webidl.PromiseState(result); ok {
		return state != goja.PromiseStateFulfilled
	}
	if webidl.Unwrap(o) != nil {
		return false
	}
	return true // it may be a thenable
}

// fail ends the transformation.
func (v *visit) fail(err error) {
	if webidl.Interrupted(err) {
		v.answer <- errors.New("the handler was interrupted")
		panic(err)
	}
	e := &handlerError{thrown: webidl.Throw(v.js.ErrorValue(err)), message: "the handler failed"}
	_ = v.js.Catch(func() { e.message = v.js.ErrorValue(err).String() })
	v.answer <- e
}

// A handlerError is what a handler has thrown. Its text is made on the isolate's turn, so
// that it can be read anywhere.
type handlerError struct {
	thrown  error
	message string
}

func (e *handlerError) Error() string { return e.message }

func (e *handlerError) Unwrap() error { return e.thrown }

// transformed is the body of a transformed response.
type transformed struct {
	*Reader
	caller *caller
	stop   func() bool
}

func newTransformed(c *caller, r *Rewriter, source io.ReadCloser) *transformed {
	t := &transformed{Reader: NewReader(r, source), caller: c}
	// A body that nobody reads ends with the invocation.
	t.stop = context.AfterFunc(c.ctx, func() { t.Close() })
	return t
}

func (t *transformed) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if err != nil {
		t.stop()
		var refused *ParserError
		if errors.As(err, &refused) {
			err = outside.Errorf(outside.KindType, "%s", refused.Error())
		}
	}
	return n, err
}

func (t *transformed) Close() error {
	t.caller.close()
	return t.Reader.Close()
}
