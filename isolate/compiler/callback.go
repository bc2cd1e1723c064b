package compiler

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/unistring"
)

// unitMethod returns the method that the callback of a call such as
//
//	Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
//
// calls on each character, or "". To decode Base64 the web has scripts do this for each
// byte, which takes a hundred times what the native code around it does.
func unitMethod(n *ast.CallExpression) unistring.String {
	from, ok := n.Callee.(*ast.DotExpression)
	if !ok || from.Identifier.Name != "from" || len(n.ArgumentList) != 2 {
		return ""
	}
	if _, spread := n.ArgumentList[0].(*ast.SpreadElement); spread {
		return ""
	}
	f, ok := n.ArgumentList[1].(*ast.ArrowFunctionLiteral)
	if !ok || f.Async || f.ParameterList.Rest != nil || len(f.ParameterList.List) != 1 || f.ParameterList.List[0].Initializer != nil {
		return ""
	}
	parameter, ok1 := f.ParameterList.List[0].Target.(*ast.Identifier)
	body, ok2 := f.Body.(*ast.ExpressionBody)
	if !ok1 || !ok2 {
		return ""
	}
	call, ok := body.Expression.(*ast.CallExpression)
	if !ok || len(call.ArgumentList) > 1 {
		return ""
	}
	if len(call.ArgumentList) == 1 {
		if first, ok := call.ArgumentList[0].(*ast.NumberLiteral); !ok || first.Value != int64(0) {
			return ""
		}
	}
	method, ok := call.Callee.(*ast.DotExpression)
	if !ok {
		return ""
	}
	if on, ok := method.Left.(*ast.Identifier); !ok || on.Name != parameter.Name {
		return ""
	}
	switch name := method.Identifier.Name; name {
	case "charCodeAt", "codePointAt":
		return name
	}
	return ""
}

// unit tells what the callback of a call does, if it calls a method of unitMethod.
func (r *repairer) unit(n *ast.CallExpression, method unistring.String) {
	if method == "" || r.plain > 0 {
		return
	}
	f := n.ArgumentList[1]
	n.ArgumentList[1] = r.intrinsic(Unit, f, &ast.StringLiteral{Idx: f.Idx0(), Literal: `"` + method.String() + `"`, Value: method})
}
