package webidl

import (
	"errors"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/json"
	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// Heap makes and reads objects of the realm's runtime.
func (js *Realm) Heap() *layout.Heap {
	if js.heap == nil {
		js.heap = layout.NewHeap(js.VM)
	}
	return js.heap
}

// ParseJSON parses UTF-8 JSON text as JSON.parse does.
func (js *Realm) ParseJSON(text string) (goja.Value, error) {
	v, err := json.Parse(js.Heap(), text)
	if err != nil {
		return nil, JSONError(err)
	}
	return v, nil
}

// StringifyJSON appends to b the JSON text of v as JSON.stringify makes it; ok is
// false for a value that has none, such as undefined or a function.
func (js *Realm) StringifyJSON(b []byte, v goja.Value, o json.Options) (text []byte, ok bool, err error) {
	if ex := js.Catch(func() { text, ok, err = json.Stringify(js.Heap(), b, v, o) }); ex != nil {
		return nil, false, ex
	}
	return text, ok, JSONError(err)
}

// JSONError names the exception of an error of package json.
func JSONError(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return &Exception{Name: "SyntaxError", Message: syntax.Message}
	case errors.Is(err, json.ErrCircular), errors.Is(err, json.ErrBigInt):
		return TypeError("%v", err)
	case errors.Is(err, json.ErrDepth), errors.Is(err, json.ErrSize):
		return RangeError("%v", err)
	}
	return err
}
