package compiler

import (
	"strconv"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	operator "github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// An Intrinsic is a native function or object that a program uses where the engine's own
// way of running some syntax is slow or wrong. A program gets those it names as further arguments.
type Intrinsic string

// The intrinsics there are.
const (
	// Iterate(v) returns an iterable that yields what v does. Iterate(v, n) may yield
	// something else in its place that Elements(item, n) takes as the same, if that is the
	// first that is done with it.
	Iterate Intrinsic = "iterate"
	// Elements(v, n) returns an object whose properties "0" to n-1, each read at most
	// once and in ascending order, n-1 last, are what iterating over v yields.
	Elements Intrinsic = "elements"
	// Enumerate(v) returns an iterable of what for-in over v visits.
	Enumerate Intrinsic = "enumerate"
	// Append(x, y) returns x + y.
	Append Intrinsic = "append"
	// Unit(f, m) returns the function f, of which f(c) is c[m]() for every string c.
	Unit Intrinsic = "unit"
	// Record(i, ...values) returns an object of the program's shape i with these values.
	Record Intrinsic = "record"
	// Depth is an object whose property length throws a RangeError where calls are nested
	// too deeply.
	Depth Intrinsic = "depth"
)

// hidden is a name that no script can spell.
func hidden(name string) unistring.String { return unistring.String("%" + name) }

// intrinsic returns a call of an intrinsic, at the place of its first argument.
func (r *repairer) intrinsic(name Intrinsic, args ...ast.Expression) ast.Expression {
	r.used[name] = true
	at := args[0].Idx0()
	return &ast.CallExpression{
		Callee:           &ast.Identifier{Name: hidden(string(name)), Idx: at},
		LeftParenthesis:  at,
		ArgumentList:     args,
		RightParenthesis: args[0].Idx1(),
	}
}

// bindIntrinsics adds the intrinsics that are used to the parameters of the function
// that the program is, and returns them in order.
func (r *repairer) bindIntrinsics(p *ast.Program) []Intrinsic {
	if len(r.used) == 0 {
		return nil
	}
	main := p.Body[0].(*ast.ExpressionStatement).Expression.(*ast.ArrowFunctionLiteral)
	var list []Intrinsic
	for _, name := range []Intrinsic{Iterate, Elements, Enumerate, Append, Unit, Record, Depth} {
		if r.used[name] {
			list = append(list, name)
			main.ParameterList.List = append(main.ParameterList.List, &ast.Binding{Target: &ast.Identifier{Name: hidden(string(name)), Idx: main.ParameterList.Closing}})
		}
	}
	return list
}

// bundled reports whether a variable is one of the bundler's own functions, which run a
// few times as a script starts: no reason to have intrinsics.
func bundled(b *ast.Binding) bool {
	id, ok := b.Target.(*ast.Identifier)
	return ok && (strings.HasPrefix(string(id.Name), "__export") || strings.HasPrefix(string(id.Name), "__copyProps"))
}

// spreads makes the spread elements of an array or a list of arguments iterate natively.
func (r *repairer) spreads(list []ast.Expression) {
	for _, e := range list {
		if s, ok := e.(*ast.SpreadElement); ok {
			s.Expression = r.intrinsic(Iterate, s.Expression)
		}
	}
}

// iteration walks a for-of statement. A pattern of its variables becomes a declaration
// in the body, which has the same scope for each turn of the loop:
//
//	for (const [k, v] of source) body   =>   for (const % of source) { const [k, v] = %; body }
func (r *repairer) iteration(n *ast.ForOfStatement) {
	r.forInto(n.Into)
	declaration, _ := n.Into.(*ast.ForDeclaration)
	var pattern *ast.ArrayPattern
	if declaration != nil {
		if pattern, _ = declaration.Target.(*ast.ArrayPattern); !simple(pattern) {
			pattern = nil
		}
	}
	w := &mention{pattern: pattern, outer: r.mention}
	r.mention = w
	r.expression(n.Source)
	r.mention = w.outer
	n.Body = r.loop(n.Body)
	source := []ast.Expression{n.Source}
	if pattern != nil && !w.seen { // a source that names the variables must find them uninitialized
		kind := operator.LET
		if declaration.IsConst {
			kind = operator.CONST
		}
		whole := &ast.Identifier{Name: hidden("item"), Idx: pattern.LeftBracket}
		b := &ast.Binding{Target: pattern, Initializer: whole}
		r.destructuring(b)
		source = append(source, number(len(pattern.Elements), n.Source.Idx1()))
		declaration.Target, declaration.IsConst = whole, true
		n.Body = &ast.BlockStatement{
			LeftBrace: n.Body.Idx0(), RightBrace: n.Body.Idx1(),
			List: []ast.Statement{&ast.LexicalDeclaration{Idx: pattern.LeftBracket, Token: kind, List: []*ast.Binding{b}}, n.Body},
		}
	}
	if r.plain == 0 {
		n.Source = r.intrinsic(Iterate, source...)
	}
}

// mention tells whether the expressions walked mention a variable of a pattern.
type mention struct {
	outer   *mention
	pattern *ast.ArrayPattern
	seen    bool
}

func (m *mention) identifier(name unistring.String) {
	for ; m != nil; m = m.outer {
		if m.pattern != nil && binds(m.pattern, name) {
			m.seen = true
		}
	}
}

// binds reports whether a simple pattern has a variable of a name.
func binds(pattern *ast.ArrayPattern, name unistring.String) bool {
	for _, e := range pattern.Elements {
		if id, _ := element(e); id != nil && id.Name == name {
			return true
		}
	}
	return false
}

// enumeration makes a for-in statement a for-of over a native iterable.
func (r *repairer) enumeration(n *ast.ForInStatement) ast.Statement {
	if v, ok := n.Into.(*ast.ForIntoVar); r.plain > 0 || ok && v.Binding.Initializer != nil {
		return n
	}
	return &ast.ForOfStatement{For: n.For, Into: n.Into, Source: r.intrinsic(Enumerate, n.Source), Body: n.Body}
}

// destructuring changes a declaration with an array pattern.
func (r *repairer) destructuring(b *ast.Binding) {
	pattern, ok := b.Target.(*ast.ArrayPattern)
	if !ok || b.Initializer == nil {
		return
	}
	if simple(pattern) {
		b.Target = properties(pattern)
		b.Initializer = r.intrinsic(Elements, b.Initializer, number(len(pattern.Elements), pattern.RightBracket))
		return
	}
	b.Initializer = r.intrinsic(Iterate, b.Initializer)
}

// assignment changes an assignment to an array pattern whose own value is not used.
func (r *repairer) assignment(e ast.Expression) {
	n, ok := e.(*ast.AssignExpression)
	if !ok || n.Operator != operator.ASSIGN {
		return
	}
	if pattern, ok := n.Left.(*ast.ArrayPattern); ok && simple(pattern) {
		n.Left = properties(pattern)
		n.Right = r.intrinsic(Elements, n.Right, number(len(pattern.Elements), pattern.RightBracket))
	}
}

// parameterPatterns makes simple array patterns among the parameters of an arrow
// function declarations of its body:
//
//	([k, v]) => body   =>   (%0) => { let [k, v] = %0; return body }
func (r *repairer) parameterPatterns(n *ast.ArrowFunctionLiteral) {
	if n.ParameterList == nil || n.ParameterList.Rest != nil {
		return
	}
	found := false
	for _, b := range n.ParameterList.List {
		if b.Initializer != nil {
			return
		}
		switch t := b.Target.(type) {
		case *ast.Identifier:
		case *ast.ArrayPattern:
			if !simple(t) || declared(n, t) {
				return
			}
			found = true
		default:
			return
		}
	}
	if !found {
		return
	}
	var list []*ast.Binding
	for i, b := range n.ParameterList.List {
		if pattern, ok := b.Target.(*ast.ArrayPattern); ok {
			whole := &ast.Identifier{Name: hidden(strconv.Itoa(i)), Idx: pattern.LeftBracket}
			b.Target = whole
			inner := &ast.Binding{Target: pattern, Initializer: whole}
			r.destructuring(inner)
			list = append(list, inner)
		}
	}
	at := n.ParameterList.Closing
	declaration := &ast.LexicalDeclaration{Idx: at, Token: operator.LET, List: list}
	switch body := n.Body.(type) {
	case *ast.BlockStatement:
		body.List = append([]ast.Statement{declaration}, body.List...)
	case *ast.ExpressionBody:
		n.Body = &ast.BlockStatement{
			LeftBrace: body.Expression.Idx0(), RightBrace: body.Expression.Idx1(),
			List: []ast.Statement{declaration, &ast.ReturnStatement{Return: body.Expression.Idx0(), Argument: body.Expression}},
		}
	}
}

// declared reports whether a function's body declares a variable of a parameter's
// pattern once more, as var and function may.
func declared(n *ast.ArrowFunctionLiteral, pattern *ast.ArrayPattern) bool {
	if len(n.DeclarationList) > 0 {
		return true // rare enough not to look closer
	}
	body, ok := n.Body.(*ast.BlockStatement)
	if !ok {
		return false
	}
	for _, s := range body.List {
		if f, ok := s.(*ast.FunctionDeclaration); ok && binds(pattern, f.Function.Name.Name) {
			return true
		}
	}
	return false
}

// simple reports whether destructuring by a pattern runs nothing of the script's
// between the steps of the iterator, which is closed if that throws.
func simple(pattern *ast.ArrayPattern) bool {
	if pattern == nil || pattern.Rest != nil || len(pattern.Elements) == 0 || pattern.Elements[len(pattern.Elements)-1] == nil {
		return false
	}
	for _, e := range pattern.Elements {
		if e == nil {
			continue
		}
		id, value := element(e)
		if id == nil {
			return false
		}
		switch value.(type) {
		case nil, *ast.StringLiteral, *ast.NumberLiteral, *ast.BooleanLiteral, *ast.NullLiteral:
		default:
			return false
		}
	}
	return true
}

// element takes an element of a pattern that is a variable, maybe with a default value, apart.
func element(e ast.Expression) (*ast.Identifier, ast.Expression) {
	switch n := e.(type) {
	case *ast.Identifier:
		return n, nil
	case *ast.AssignExpression:
		id, _ := n.Left.(*ast.Identifier)
		return id, n.Right
	}
	return nil, nil
}

// properties is a simple array pattern as one of properties.
func properties(pattern *ast.ArrayPattern) *ast.ObjectPattern {
	o := &ast.ObjectPattern{LeftBrace: pattern.LeftBracket, RightBrace: pattern.RightBracket}
	for i, e := range pattern.Elements {
		if e != nil {
			index := strconv.Itoa(i)
			o.Properties = append(o.Properties, &ast.PropertyKeyed{
				Key:   &ast.StringLiteral{Idx: e.Idx0(), Literal: `"` + index + `"`, Value: unistring.String(index)},
				Kind:  ast.PropertyKindValue,
				Value: e,
			})
		}
	}
	return o
}

func number(n int, at file.Idx) *ast.NumberLiteral {
	return &ast.NumberLiteral{Idx: at, Literal: strconv.Itoa(n), Value: int64(n)}
}

// texts are the names of the variables of a function that start as strings.
type texts struct {
	outer *texts
	names map[unistring.String]bool
}

// has reports whether a variable of a function, or of those around it, starts as a string.
func (t *texts) has(name unistring.String) bool {
	for ; t != nil; t = t.outer {
		if t.names[name] {
			return true
		}
	}
	return false
}

// initial notes a variable that starts as a string, or as another such variable.
func (r *repairer) initial(b *ast.Binding) {
	id, ok := b.Target.(*ast.Identifier)
	if !ok {
		return
	}
	switch n := b.Initializer.(type) {
	case *ast.StringLiteral, *ast.TemplateLiteral:
	case *ast.Identifier:
		if !r.texts.has(n.Name) {
			return
		}
	default:
		return
	}
	if r.texts.names == nil {
		r.texts.names = map[unistring.String]bool{}
	}
	r.texts.names[id.Name] = true
}

// appending changes x += y in a loop, or in a function within that of x, which may be
// called in one, where x is likely a string. A wrong guess costs time only.
func (r *repairer) appending(n *ast.AssignExpression) {
	id, ok := n.Left.(*ast.Identifier)
	if !ok || n.Operator != operator.PLUS {
		return
	}
	for t := r.texts; t != nil; t = t.outer {
		if t.names[id.Name] && (r.loops > 0 || t != r.texts) {
			n.Operator = operator.ASSIGN
			n.Right = r.intrinsic(Append, &ast.Identifier{Name: id.Name, Idx: id.Idx}, n.Right)
			return
		}
	}
}
