package compiler

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	operator "github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// A stack overflow must be an exception that scripts can catch, but the engine's own
// limit ends the script. So functions that may be part of a recursion look at the depth
// before the first call they make: a statement depth.length, whose native getter throws.
// A function that returns before that cannot be called over, and pays nothing.
//
// A recursion consists of functions that make calls, and of such as are called without
// one being written: accessors, conversions, iterators, traps. The latter look at the
// depth wherever they do anything that may lead to another. What is not seen to be one,
// because it becomes the property of such a name elsewhere, is left to the engine's limit.

// work is what a function does itself, not those within it.
type work struct {
	calls   int // that are written
	touches int // what may call a function without saying so: properties, conversions, iteration
	evals   int // calls of eval: the engine does not find all variables where these are
}

// call counts a call.
func (w *work) call(callee ast.Expression) {
	w.calls++
	if id, ok := callee.(*ast.Identifier); ok && id.Name == "eval" {
		w.evals++
	}
}

// implicit are the names of methods that are called where no call is written.
var implicit = map[unistring.String]bool{
	"toString": true, "valueOf": true, "next": true, "return": true, "throw": true,
	"get": true, "set": true, "has": true, "apply": true, "construct": true, "deleteProperty": true,
	"defineProperty": true, "getOwnPropertyDescriptor": true, "getPrototypeOf": true, "setPrototypeOf": true,
	"isExtensible": true, "preventExtensions": true, "ownKeys": true,
}

// hooks notes whether the function that is the value of a property is called implicitly.
func (r *repairer) hooks(kind ast.PropertyKind, key ast.Expression, computed bool) {
	name, ok := key.(*ast.StringLiteral)
	r.hook = computed || kind == ast.PropertyKindGet || kind == ast.PropertyKindSet || ok && implicit[name.Value]
}

// assigned notes the same of a function that is assigned to a property.
func (r *repairer) assigned(n *ast.AssignExpression) {
	switch left := n.Left.(type) {
	case *ast.DotExpression:
		r.hook = implicit[left.Identifier.Name]
	case *ast.BracketExpression:
		r.hook = true
	}
}

// anonymous reports whether an expression is a function, which may get its name from
// where it stands.
func anonymous(e ast.Expression) bool {
	switch e.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		return true
	}
	return false
}

// own walks something that is a function of its own, and returns the work it does and
// whether it is called implicitly.
func (r *repairer) own(walk func()) (w work, hook bool) {
	outer := r.work
	r.work, hook, r.hook = work{}, r.hook, false
	walk()
	w, r.work = r.work, outer
	return w, hook
}

// mark walks a part of a statement or expression, and notes whether it makes calls.
func (r *repairer) mark(e ast.Expression) {
	before := r.work.calls
	r.expression(e)
	if r.work.calls > before {
		r.calling[e] = true
	}
}

// measure returns an expression that looks at the depth.
func (r *repairer) measure(at file.Idx) ast.Expression {
	r.used[Depth] = true
	return &ast.DotExpression{
		Left:       &ast.Identifier{Name: hidden(string(Depth)), Idx: at},
		Identifier: ast.Identifier{Name: "length", Idx: at},
	}
}

// measured returns an expression that looks at the depth before it is what e is.
func (r *repairer) measured(e ast.Expression, at file.Idx) ast.Expression {
	if _, ok := e.(*ast.ClassLiteral); ok {
		return e // it may get its name from where it stands
	}
	return &ast.SequenceExpression{Sequence: []ast.Expression{r.measure(at), e}}
}

// unmeasured reports whether a function is left as it is. The bundle's wrapper runs once.
func (r *repairer) unmeasured(w work, hook bool) bool {
	return r.depth == 0 || r.plain > 0 || w.evals > 0 || w.calls == 0 && !hook
}

// measureFunction makes a function look at the depth. at is where its errors are.
func (r *repairer) measureFunction(parameters *ast.ParameterList, body *ast.BlockStatement, w work, hook bool, at file.Idx) {
	if r.unmeasured(w, hook) {
		return
	}
	r.measureParameters(parameters, at)
	switch {
	case hook && w != work{}:
		body.List = insertAfterDirectives(body.List, &ast.ExpressionStatement{Expression: r.measure(at)})
	case w.calls > 0:
		body.List = r.measureFirst(body.List, at)
	}
}

// measureArrow does so for an arrow function.
func (r *repairer) measureArrow(n *ast.ArrowFunctionLiteral, w work, hook bool) {
	switch body := n.Body.(type) {
	case *ast.BlockStatement:
		r.measureFunction(n.ParameterList, body, w, hook, n.Start)
	case *ast.ExpressionBody:
		if r.unmeasured(w, hook) {
			return
		}
		r.measureParameters(n.ParameterList, n.Start)
		switch {
		case hook && w != work{}:
			body.Expression = r.measured(body.Expression, n.Start)
		case w.calls > 0:
			body.Expression = r.measureCalls(body.Expression, n.Start)
		}
	}
}

// field walks a class field. The value of one of an instance is a function of its own.
func (r *repairer) field(e *ast.FieldDefinition) {
	if e.Static {
		r.isolated(func() { r.expression(e.Initializer) })
		return
	}
	w, _ := r.own(func() { r.isolated(func() { r.expression(e.Initializer) }) })
	if !r.unmeasured(w, false) {
		e.Initializer = r.measured(e.Initializer, e.Idx)
	}
}

// measureParameters looks at the depth in the first default value that makes a call.
func (r *repairer) measureParameters(p *ast.ParameterList, at file.Idx) {
	if p == nil {
		return
	}
	for _, b := range p.List {
		if !r.calling[b] {
			continue
		}
		if r.calling[b.Initializer] {
			b.Initializer = r.measured(b.Initializer, at)
			return
		}
		if insertInPattern(b.Target, func(file.Idx) ast.Expression { return r.measure(at) }) {
			return
		}
	}
}

// measureFirst looks at the depth before the first statement that makes a call.
func (r *repairer) measureFirst(list []ast.Statement, at file.Idx) []ast.Statement {
	first, last := -1, -1
	for i, s := range list {
		if r.calling[s] {
			last = i
			if first < 0 {
				first = i
			}
		}
	}
	if first < 0 {
		return list
	}
	if first == last {
		switch n := list[first].(type) {
		case *ast.BlockStatement, *ast.IfStatement:
			list[first] = r.measureBranch(n, at)
			return list
		case *ast.ReturnStatement:
			n.Argument = r.measureCalls(n.Argument, at)
			return list
		}
	}
	out := make([]ast.Statement, 0, len(list)+1)
	out = append(append(out, list[:first]...), &ast.ExpressionStatement{Expression: r.measure(at)})
	return append(out, list[first:]...)
}

// measureBranch returns a statement that stands alone and looks at the depth before its first call.
func (r *repairer) measureBranch(s ast.Statement, at file.Idx) ast.Statement {
	if !r.calling[s] {
		return s
	}
	switch n := s.(type) {
	case *ast.BlockStatement:
		n.List = r.measureFirst(n.List, at)
		return n
	case *ast.IfStatement:
		if r.calling[n.Test] {
			break
		}
		for {
			n.Consequent = r.measureBranch(n.Consequent, at)
			next, ok := n.Alternate.(*ast.IfStatement)
			if !ok || !r.calling[next] || r.calling[next.Test] {
				n.Alternate = r.measureBranch(n.Alternate, at)
				return s
			}
			n = next
		}
	}
	return &ast.BlockStatement{
		LeftBrace: s.Idx0(), RightBrace: s.Idx1(),
		List: []ast.Statement{&ast.ExpressionStatement{Expression: r.measure(at)}, s},
	}
}

// measureCalls returns an expression that looks at the depth before its first call.
func (r *repairer) measureCalls(e ast.Expression, at file.Idx) ast.Expression {
	if !r.calling[e] {
		return e
	}
	switch n := e.(type) {
	case *ast.ConditionalExpression:
		if !r.calling[n.Test] {
			n.Consequent, n.Alternate = r.measureCalls(n.Consequent, at), r.measureCalls(n.Alternate, at)
			return n
		}
	case *ast.BinaryExpression:
		if logical(n.Operator) && !r.calling[n.Left] {
			n.Right = r.measureCalls(n.Right, at)
			return n
		}
	}
	return r.measured(e, at)
}

func logical(t operator.Token) bool {
	return t == operator.LOGICAL_AND || t == operator.LOGICAL_OR || t == operator.COALESCE
}
