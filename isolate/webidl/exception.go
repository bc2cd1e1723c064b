package webidl

import (
	"errors"
	"fmt"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// An Exception is an error that becomes a given JavaScript exception.
type Exception struct {
	// Name is the exception's class: "TypeError", "RangeError", "Error", "SyntaxError",
	// "EvalError", or the name of a DOMException if DOM is set.
	Name    string
	Message string
	DOM     bool
	value   goja.Value // of a thrown value; then the other fields are empty
}

func (e *Exception) Error() string {
	if e.value != nil {
		return e.value.String()
	}
	return e.Name + ": " + e.Message
}

// TypeError returns an error that is thrown as a TypeError.
func TypeError(format string, args ...any) error { return newException("TypeError", format, args) }

// RangeError returns an error that is thrown as a RangeError.
func RangeError(format string, args ...any) error { return newException("RangeError", format, args) }

// PlainError returns an error that is thrown as an Error.
func PlainError(format string, args ...any) error { return newException("Error", format, args) }

// DOMError returns an error that is thrown as a DOMException of the given name, such
// as "AbortError" (https://webidl.spec.whatwg.org/#idl-DOMException-error-names).
func DOMError(name, format string, args ...any) error {
	e := newException(name, format, args)
	e.DOM = true
	return e
}

func newException(name, format string, args []any) *Exception {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	return &Exception{Name: name, Message: format}
}

// Throw returns an error that is thrown as the JavaScript value v.
func Throw(v goja.Value) error { return &Exception{value: v} }

// ErrorValue returns the JavaScript value that err is thrown as.
func (js *Realm) ErrorValue(err error) goja.Value {
	if thrown := (*goja.Exception)(nil); errors.As(err, &thrown) {
		return thrown.Value()
	}
	var e *Exception
	if errors.As(err, &e) {
		switch {
		case e.value != nil:
			return e.value
		case e.DOM:
			return js.NewDOMException(e.Name, e.Message)
		}
		return js.newError(e.Name, e.Message)
	}
	var out *outside.Error
	if errors.As(err, &out) {
		switch out.Kind {
		case outside.KindType, outside.KindNetwork:
			return js.newError("TypeError", out.Message)
		case outside.KindRange:
			return js.newError("RangeError", out.Message)
		case outside.KindAbort:
			return js.NewDOMException("AbortError", out.Message)
		case outside.KindTimeout:
			return js.NewDOMException("TimeoutError", out.Message)
		}
	}
	return js.newError("Error", err.Error())
}

// Throw panics so that the running JavaScript code sees err as an exception. It may
// only be called from a native function that JavaScript called.
func (js *Realm) Throw(err error) { panic(js.ErrorValue(err)) }

// Catch calls f and returns the JavaScript exception that it threw, if any.
func (js *Realm) Catch(f func()) error {
	if ex := js.VM.Try(f); ex != nil {
		return ex
	}
	return nil
}

func (js *Realm) newError(class, message string) goja.Value {
	if class == "TypeError" {
		return js.VM.NewTypeError("%s", message)
	}
	v, err := js.VM.New(js.intrinsics.get(class), js.String(message))
	if err != nil {
		return js.VM.NewTypeError("%s", message)
	}
	return v
}
