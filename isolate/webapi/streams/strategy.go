package streams

import (
	"math"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// strategy is the QueuingStrategy dictionary: https://streams.spec.whatwg.org/#dictdef-queuingstrategy
type strategy struct {
	highWaterMark webidl.Opt[float64]
	size          *webidl.Callback // nil counts every chunk as 1
}

var queuingStrategy = webidl.Dict("QueuingStrategy", strategy{},
	webidl.May("highWaterMark", webidl.UnrestrictedDouble, func(s *strategy) *webidl.Opt[float64] { return &s.highWaterMark }),
	webidl.Has("size", webidl.CallbackFunction, func(s *strategy) **webidl.Callback { return &s.size }))

// extract is https://streams.spec.whatwg.org/#validate-and-normalize-high-water-mark
func (s *strategy) extract(otherwise float64) (float64, error) {
	if !s.highWaterMark.Set {
		return otherwise, nil
	}
	if h := s.highWaterMark.Value; !math.IsNaN(h) && h >= 0 {
		return h, nil
	}
	return 0, webidl.RangeError("Invalid highWaterMark")
}

// measure calls a strategy's size function.
func measure(size *webidl.Callback, js *webidl.Realm, chunk goja.Value) (n float64, err error) {
	if size == nil {
		return 1, nil
	}
	v, err := size.Call(goja.Undefined(), chunk)
	if err != nil {
		return 0, err
	}
	if ex := js.Catch(func() { n = v.ToNumber().ToFloat() }); ex != nil {
		err = ex
	}
	return n, err
}

func badSize() error {
	return webidl.RangeError("The return value of a queuing strategy's size function must be a finite, non-NaN, non-negative number")
}

// givenStrategy is a strategy object that only counts or adds up byteLength.
type givenStrategy struct {
	webidl.Handle
	highWaterMark float64
}

var strategyInit = webidl.Req(webidl.Dict("QueuingStrategyInit", 0.0,
	webidl.Needs("highWaterMark", webidl.UnrestrictedDouble, func(h *float64) *float64 { return h })))

func newStrategy[T any](name string, make func(float64) T, get func(T) float64, size webidl.Member[T]) *webidl.Class[T] {
	return &webidl.Class[T]{
		Name:        name,
		Constructor: webidl.New1(func(_ *webidl.Realm, h float64) (T, error) { return make(h), nil }, strategyInit),
		Members: []webidl.Member[T]{
			webidl.ReadOnly("highWaterMark", func(s T, _ *webidl.Realm) (float64, error) { return get(s), nil }),
			size,
		},
	}
}

type countStrategy struct{ givenStrategy }
type byteLengthStrategy struct{ givenStrategy }

var countSize, byteLengthSize = new(int), new(int)

// CountQueuingStrategy is https://streams.spec.whatwg.org/#cqs-class
var CountQueuingStrategy = newStrategy("CountQueuingStrategy",
	func(h float64) *countStrategy { return &countStrategy{givenStrategy{highWaterMark: h}} },
	func(s *countStrategy) float64 { return s.highWaterMark },
	webidl.ReadOnly("size", func(_ *countStrategy, js *webidl.Realm) (*goja.Object, error) {
		return webidl.Slot(js, countSize, func() *goja.Object {
			return js.Function("size", 0, func(goja.FunctionCall) goja.Value { return js.VM.ToValue(1) })
		}), nil
	}))

// ByteLengthQueuingStrategy is https://streams.spec.whatwg.org/#blqs-class
var ByteLengthQueuingStrategy = newStrategy("ByteLengthQueuingStrategy",
	func(h float64) *byteLengthStrategy { return &byteLengthStrategy{givenStrategy{highWaterMark: h}} },
	func(s *byteLengthStrategy) float64 { return s.highWaterMark },
	webidl.ReadOnly("size", func(_ *byteLengthStrategy, js *webidl.Realm) (*goja.Object, error) {
		return webidl.Slot(js, byteLengthSize, func() *goja.Object {
			return js.Function("size", 1, func(call goja.FunctionCall) goja.Value {
				o, ok := call.Argument(0).(*goja.Object)
				if !ok {
					if v := call.Argument(0); !goja.IsUndefined(v) && !goja.IsNull(v) {
						o = v.ToObject(js.VM)
					} else {
						js.Throw(webidl.TypeError("Cannot read properties of %s (reading 'byteLength')", v))
					}
				}
				if v := o.Get("byteLength"); v != nil {
					return v
				}
				return goja.Undefined()
			})
		}), nil
	}))
