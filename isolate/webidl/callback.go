package webidl

import "github.com/dop251/goja"

// A Callback is a script's function that Go calls.
type Callback struct {
	js   *Realm
	Func *goja.Object
	call goja.Callable
}

// Function is the type of a callback function.
var CallbackFunction = Type[*Callback]{Name: "Function", to: func(js *Realm, v goja.Value) (*Callback, error) {
	f, ok := goja.AssertFunction(v)
	if !ok {
		return nil, TypeError("The provided value is not a function.")
	}
	return &Callback{js, v.(*goja.Object), f}, nil
}}

// Call calls the function. A JavaScript exception comes back as an error that Throw
// and Promise.Reject pass on unchanged.
func (c *Callback) Call(this goja.Value, args ...goja.Value) (goja.Value, error) {
	if this == nil {
		this = goja.Undefined()
	}
	return c.call(this, args...)
}

// CallPromise calls the function and returns its result as a promise: an exception
// becomes a rejection (https://webidl.spec.whatwg.org/#js-invoking-callback-functions).
func (c *Callback) CallPromise(this goja.Value, args ...goja.Value) goja.Value {
	v, err := c.Call(this, args...)
	if err != nil {
		if interrupted(err) {
			panic(err)
		}
		return Rejected(c.js, err).value
	}
	if _, _, ok := PromiseState(v); ok {
		return v
	}
	return Resolved(c.js, v).value
}

// interrupted reports whether err ends the turn rather than being an exception of the script's.
func interrupted(err error) bool {
	switch err.(type) {
	case *goja.InterruptedError, *goja.StackOverflowError:
		return true
	}
	return false
}

// Interrupted reports whether err ends the whole turn (an exceeded limit) rather than
// being an exception that a script may handle.
func Interrupted(err error) bool { return interrupted(err) }
