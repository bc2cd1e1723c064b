package webcrypto

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals are the names that the package puts in the global scope.
var Globals = []webidl.Global{
	webidl.GlobalObject("crypto", func(js *webidl.Realm) goja.Value { return CryptoClass.Wrap(js, &cryptoObject{}) }),
	webidl.Expose(CryptoClass),
	webidl.Expose(SubtleCryptoClass),
	webidl.Expose(CryptoKeyClass),
}
