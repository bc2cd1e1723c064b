package ecma

import "github.com/dop251/goja"

const maximumBigInt = "Maximum BigInt size exceeded"

var bigIntMakers = []guard{
	{name: "asIntN", length: 2, check: checkBits},
	{name: "asUintN", length: 2, check: checkBits},
}

func checkBits(g *guards, c goja.FunctionCall) goja.FunctionCall {
	c = g.integer(c, 0)
	if number(c.Argument(0)) > maxBits {
		g.throw(maximumBigInt)
	}
	return c
}

// guardBigInt puts a proxy in the place of the BigInt function.
func (g *guards) guardBigInt(global *goja.Object) {
	original := global.Get("BigInt").(*goja.Object)
	convert := original.Export().(func(goja.FunctionCall) goja.Value)
	class := g.js.VM.ToValue(g.js.VM.NewProxy(original, &goja.ProxyTrapConfig{
		Apply: func(_ *goja.Object, this goja.Value, args []goja.Value) goja.Value {
			if len(args) > 0 && textLength(args[0]) > maxDigits {
				g.throw(maximumBigInt)
			}
			return convert(goja.FunctionCall{This: this, Arguments: args})
		},
	})).(*goja.Object)
	g.replace(global, "BigInt", original, class)
}
