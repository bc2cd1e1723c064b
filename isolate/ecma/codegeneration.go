package ecma

import (
	"github.com/dop251/goja/parser"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ForbidCodeGeneration makes eval of a string and the constructors of functions throw
// an EvalError, however a script gets hold of them. RunString and RunScript of the
// realm's engine no longer work either: the host runs compiled programs.
//
// It replaces the engine's parser options, which concern nothing else.
func ForbidCodeGeneration(js *webidl.Realm) {
	js.VM.SetParserOptions(refusing(parser.Option(parser.WithDisableSourceMaps), func() {
		js.Throw(&webidl.Exception{Name: "EvalError", Message: "Code generation from strings disallowed for this context"})
	}))
}

// refusing returns a parser option that calls refuse before anything is parsed. Its
// first argument only names the type, whose parameter the parser does not export.
func refusing[O ~func(P), P any](_ O, refuse func()) O { return func(P) { refuse() } }
