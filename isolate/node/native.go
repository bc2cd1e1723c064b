package node

import "github.com/dop251/goja"

// nativeFunctions are the functions of each file's native object.
var nativeFunctions = map[string][]function{
	"internal/errors": errorFunctions,
	"buffer":          bufferFunctions,
	"util":            utilFunctions,
	"process":         processFunctions,
	"crypto":          cryptoFunctions,
	"zlib":            zlibFunctions,
	"url":             urlFunctions,
	"string_decoder":  decoderFunctions,

	"internal/crypto/keys":      keyFunctions,
	"internal/crypto/generate":  generateFunctions,
	"internal/crypto/signature": signFunctions,
	"internal/crypto/agreement": agreementFunctions,
}

// nativeObjects add to a native object what is no function.
var nativeObjects = map[string]func(n *realm, o *goja.Object){
	"buffer": func(n *realm, o *goja.Object) {
		methods := n.js.VM.NewObject()
		n.define(methods, bufferMethods)
		n.define(methods, numberMethods)
		must(o.Set("methods", methods))
	},
	"internal/symbols": symbols,
}
