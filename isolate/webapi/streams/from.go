package streams

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// from is https://streams.spec.whatwg.org/#rs-from
func from(js *webidl.Realm, iterable goja.Value) (*goja.Object, error) {
	if goja.IsUndefined(iterable) || goja.IsNull(iterable) {
		return nil, webidl.TypeError("The provided value is not async iterable")
	}
	// 2. Let iteratorRecord be ? GetIterator(asyncIterable, async).
	src := &iteratorSource{}
	var err error
	if ex := js.Catch(func() { err = src.open(js, iterable) }); ex != nil {
		err = ex
	}
	if err != nil {
		return nil, err
	}
	// 6. Set stream to ! CreateReadableStream(startAlgorithm, pullAlgorithm, cancelAlgorithm, 0).
	s, c := newDefaultStream(js, src, done(), 0, nil)
	src.controller = c
	return s.Wrap(js), nil
}

// iteratorSource is the source of a stream made from an iterable:
// https://streams.spec.whatwg.org/#readable-stream-from-iterable
type iteratorSource struct {
	controller *defaultController
	iterator   *goja.Object
	next       goja.Callable
	sync       bool // the iterator is a synchronous one: its values may be promises
}

func (s *iteratorSource) open(js *webidl.Realm, iterable goja.Value) error {
	o := iterable.ToObject(js.VM)
	method, err := methodOf(o.GetSymbol(ecma.SymAsyncIterator))
	if err != nil {
		return err
	}
	if method == nil {
		s.sync = true
		if method, err = methodOf(o.GetSymbol(goja.SymIterator)); err != nil {
			return err
		}
		if method == nil {
			return webidl.TypeError("The provided value is not async iterable")
		}
	}
	v, err := method(iterable)
	if err != nil {
		return err
	}
	var ok bool
	if s.iterator, ok = v.(*goja.Object); !ok {
		return webidl.TypeError("The iterator method returned a value that is not an object")
	}
	if s.next, err = methodOf(s.iterator.Get("next")); err == nil && s.next == nil {
		s.next = func(goja.Value, ...goja.Value) (goja.Value, error) {
			return nil, webidl.TypeError("The iterator has no next method")
		}
	}
	return err
}

// methodOf is GetMethod of ECMAScript: nil for undefined and null.
func methodOf(v goja.Value) (goja.Callable, error) {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return nil, nil
	}
	f, ok := goja.AssertFunction(v)
	if !ok {
		return nil, webidl.TypeError("%s is not a function", v)
	}
	return f, nil
}

// pull is the pullAlgorithm.
func (s *iteratorSource) pull(js *webidl.Realm) *promise {
	result, err := s.next(s.iterator)
	if err != nil {
		return failed(thrown(js, err))
	}
	if s.sync {
		return s.pullSync(js, result)
	}
	return promiseFor(js, result).derive(js, func(result goja.Value) *promise {
		value, finished, err := s.result(js, result)
		if err == nil {
			err = s.deliver(js, value, finished)
		}
		if err != nil {
			return failed(thrown(js, err))
		}
		return done()
	}, failed)
}

// pullSync waits for the value of a synchronous iterator's result, and then as long as
// the asynchronous iterator that the standard puts round it would.
func (s *iteratorSource) pullSync(js *webidl.Realm, result goja.Value) *promise {
	value, finished, err := s.result(js, result)
	if err != nil {
		return failed(thrown(js, err))
	}
	return promiseFor(js, value).derive(js, func(v goja.Value) *promise {
		return done().derive(js, func(goja.Value) *promise {
			if err := s.deliver(js, v, finished); err != nil {
				return failed(thrown(js, err))
			}
			return done()
		}, failed)
	}, func(e goja.Value) *promise {
		if !finished {
			s.close(js)
		}
		return failed(e)
	})
}

// close closes a synchronous iterator one of whose values was a promise that rejected.
func (s *iteratorSource) close(js *webidl.Realm) {
	_ = js.Catch(func() {
		if method, err := methodOf(s.iterator.Get("return")); err == nil && method != nil {
			if _, err := method(s.iterator); err != nil {
				_ = thrown(js, err)
			}
		}
	})
}

// result takes an iterator result apart.
func (s *iteratorSource) result(js *webidl.Realm, result goja.Value) (value goja.Value, finished bool, err error) {
	o, ok := result.(*goja.Object)
	if !ok {
		return nil, false, webidl.TypeError("The promise returned by the iterator's next() method must fulfill with an object")
	}
	err = js.Catch(func() {
		if v := o.Get("done"); v != nil {
			finished = v.ToBoolean()
		}
		if value = goja.Undefined(); !finished || s.sync {
			if v := o.Get("value"); v != nil {
				value = v
			}
		}
	})
	return value, finished, err
}

func (s *iteratorSource) deliver(js *webidl.Realm, value goja.Value, finished bool) error {
	if finished {
		s.controller.close(js)
		return nil
	}
	return s.controller.enqueue(js, value)
}

// cancel is the cancelAlgorithm.
func (s *iteratorSource) cancel(js *webidl.Realm, reason goja.Value) *promise {
	var method goja.Callable
	var err error
	if ex := js.Catch(func() { method, err = methodOf(s.iterator.Get("return")) }); ex != nil {
		err = ex
	}
	if err != nil {
		return failed(thrown(js, err))
	}
	if method == nil {
		return done()
	}
	result, err := method(s.iterator, reason)
	if err != nil {
		return failed(thrown(js, err))
	}
	return promiseFor(js, result).derive(js, func(result goja.Value) *promise {
		if _, ok := result.(*goja.Object); !ok {
			return failed(js.ErrorValue(webidl.TypeError("The promise returned by the iterator's return() method must fulfill with an object")))
		}
		return done()
	}, failed)
}
