package ecma

import "github.com/dop251/goja"

// The well-known symbols that the engine lacks
// (https://tc39.es/ecma262/#sec-well-known-symbols). Like the engine's own they are
// the same in all realms.
var (
	SymAsyncIterator = goja.NewSymbol("Symbol.asyncIterator")
	SymDispose       = goja.NewSymbol("Symbol.dispose")
	SymAsyncDispose  = goja.NewSymbol("Symbol.asyncDispose")
)

func installSymbols(global *goja.Object) {
	symbol := global.Get("Symbol").(*goja.Object)
	constant(symbol, "asyncIterator", SymAsyncIterator)
	constant(symbol, "dispose", SymDispose)
	constant(symbol, "asyncDispose", SymAsyncDispose)
}
