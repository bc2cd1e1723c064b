package clone

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals are the names that the package puts in the global scope.
var Globals = []webidl.Global{webidl.GlobalFunction("structuredClone", 1, structuredClone)}

// Options is the dictionary StructuredSerializeOptions.
var Options = webidl.Dict("StructuredSerializeOptions", []goja.Value(nil),
	webidl.Has("transfer", webidl.Sequence(webidl.Any), func(transfer *[]goja.Value) *[]goja.Value { return transfer }))

// https://html.spec.whatwg.org/#dom-structuredclone
func structuredClone(js *webidl.Realm, args []goja.Value) (goja.Value, error) {
	var transfer []goja.Value
	if len(args) > 1 {
		var err error
		if transfer, err = Options.Convert(js, args[1]); err != nil {
			return nil, err
		}
	}
	if o, ok := args[0].(*goja.Object); !ok && len(transfer) == 0 {
		if _, symbol := args[0].(*goja.Symbol); !symbol {
			return args[0], nil
		}
	} else if ok && o == nil {
		return goja.Null(), nil
	}
	m, err := Write(js, args[0], transfer)
	if err != nil {
		return nil, err
	}
	v, _, err := m.Read(js)
	return v, err
}
