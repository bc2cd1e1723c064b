package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// asyncIterator is the iterator of a stream's values():
// https://streams.spec.whatwg.org/#rs-asynciterator and https://webidl.spec.whatwg.org/#js-asynchronous-iterator
type asyncIterator struct {
	webidl.Handle
	reader        *defaultReader
	preventCancel bool
	ongoing       *promise // nil if no call is under way
	finished      bool
}

var asyncIteratorSlot = new(int)

var iteratorOptions = webidl.Dict("ReadableStreamIteratorOptions", false,
	webidl.Has("preventCancel", webidl.Boolean, func(b *bool) *bool { return b }))

// asyncIteratorClass gives the iterators their carrier; scripts see only their prototype.
var asyncIteratorClass = &webidl.Class[*asyncIterator]{Name: "ReadableStream AsyncIterator"}

// defineAsyncIterator defines values and @@asyncIterator, which are one function.
func defineAsyncIterator(js *webidl.Realm, _, prototype *goja.Object) {
	values := js.Function("values", 0, func(call goja.FunctionCall) goja.Value {
		s, ok := webidl.As[*ReadableStream](call.This)
		if !ok {
			js.Throw(webidl.TypeError("Failed to execute 'values' on 'ReadableStream': Illegal invocation"))
		}
		preventCancel, err := iteratorOptions.Convert(js, call.Argument(0))
		var r *defaultReader
		if err == nil {
			r, err = acquireDefaultReader(s)
		}
		if err != nil {
			js.Throw(err)
		}
		it := &asyncIterator{reader: r, preventCancel: preventCancel}
		o := asyncIteratorClass.Wrap(js, it)
		if err := o.SetPrototype(asyncIteratorPrototype(js)); err != nil {
			panic(err)
		}
		return o
	})
	must(prototype.DefineDataProperty("values", values, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
	must(prototype.DefineDataPropertySymbol(ecma.SymAsyncIterator, values, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// asyncIteratorPrototype is https://webidl.spec.whatwg.org/#js-asynchronous-iterator-prototype-object
func asyncIteratorPrototype(js *webidl.Realm) *goja.Object {
	return webidl.Slot(js, asyncIteratorSlot, func() *goja.Object {
		o := js.VM.CreateObject(ecma.AsyncIteratorPrototype(js))
		method := func(name string, length int, f func(*asyncIterator, goja.Value) *promise) {
			m := js.Function(name, length, func(call goja.FunctionCall) goja.Value {
				it, ok := webidl.As[*asyncIterator](call.This)
				if !ok {
					return webidl.Rejected(js, webidl.TypeError("Illegal invocation")).Value()
				}
				return f(it, call.Argument(0)).script(js).Value()
			})
			must(o.DefineDataProperty(name, m, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
		}
		method("next", 0, func(it *asyncIterator, _ goja.Value) *promise { return it.next(js) })
		method("return", 1, func(it *asyncIterator, v goja.Value) *promise { return it.giveBack(js, v) })
		must(o.DefineDataPropertySymbol(goja.SymToStringTag, js.String("ReadableStream AsyncIterator"), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
		return o
	})
}

// after runs step once the calls before it are settled, however they were.
func (it *asyncIterator) after(js *webidl.Realm, step func() *promise) *promise {
	if it.ongoing == nil {
		it.ongoing = step()
	} else {
		then := func(goja.Value) *promise { return step() }
		it.ongoing = it.ongoing.derive(js, then, then)
	}
	return it.ongoing
}

// next is https://webidl.spec.whatwg.org/#js-asynchronous-iterator-prototype-object, next.
func (it *asyncIterator) next(js *webidl.Realm) *promise {
	return it.after(js, func() *promise {
		if it.finished {
			return fulfilledWith(js.IteratorResult(goja.Undefined(), true))
		}
		request := &iterationRequest{it: it, p: newPromise()}
		it.reader.readTo(js, request)
		return request.p.derive(js, func(v goja.Value) *promise {
			it.ongoing = nil
			if request.end {
				it.finished = true
				return fulfilledWith(js.IteratorResult(goja.Undefined(), true))
			}
			return fulfilledWith(js.IteratorResult(v, false))
		}, func(e goja.Value) *promise {
			it.ongoing = nil
			it.finished = true
			return failed(e)
		})
	})
}

func fulfilledWith(v goja.Value) *promise { return &promise{state: fulfilled, value: v} }

// iterationRequest is the read request of one iteration:
// https://streams.spec.whatwg.org/#ref-for-get-the-next-iteration-result
type iterationRequest struct {
	it  *asyncIterator
	p   *promise
	end bool
}

func (r *iterationRequest) chunk(js *webidl.Realm, v goja.Value) { r.p.fulfill(js, v) }

func (r *iterationRequest) close(js *webidl.Realm) {
	r.end = true
	r.it.reader.release(js)
	r.p.resolve(js)
}

func (r *iterationRequest) fail(js *webidl.Realm, e goja.Value) {
	r.it.reader.release(js)
	r.p.reject(js, e)
}

// giveBack is return of the iterator prototype.
func (it *asyncIterator) giveBack(js *webidl.Realm, v goja.Value) *promise {
	p := it.after(js, func() *promise {
		if it.finished {
			return done()
		}
		it.finished = true
		return it.stop(js, v)
	})
	return p.derive(js, func(goja.Value) *promise { return fulfilledWith(js.IteratorResult(v, true)) }, failed)
}

// stop is https://streams.spec.whatwg.org/#ref-for-asynchronous-iterator-return
func (it *asyncIterator) stop(js *webidl.Realm, reason goja.Value) *promise {
	if it.preventCancel {
		it.reader.release(js)
		return done()
	}
	p := it.reader.stream.cancel(js, reason)
	it.reader.release(js)
	return p
}
