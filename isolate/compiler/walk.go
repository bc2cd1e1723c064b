package compiler

import (
	"github.com/dop251/goja/ast"
)

// The walk names every node type of the engine's syntax tree, so that no
// reflection is needed; a test checks by reflection that none is left out.

func (r *repairer) statements(list []ast.Statement) {
	for i, s := range list {
		list[i] = r.statement(s)
	}
}

func (r *repairer) block(b *ast.BlockStatement) {
	if b != nil {
		r.statements(b.List)
	}
}

// loop walks the body of a loop.
func (r *repairer) loop(body ast.Statement) ast.Statement {
	r.loops++
	body = r.statement(body)
	r.loops--
	return body
}

// statement returns what takes the place of s.
func (r *repairer) statement(s ast.Statement) ast.Statement {
	before := r.work.calls
	s = r.repaired(s)
	if r.work.calls > before {
		r.calling[s] = true
	}
	return s
}

func (r *repairer) repaired(s ast.Statement) ast.Statement {
	switch n := s.(type) {
	case nil:
	case *ast.BlockStatement:
		r.block(n)
	case *ast.ExpressionStatement:
		r.expression(n.Expression)
		r.assignment(n.Expression)
	case *ast.VariableStatement:
		r.declarations(n.List)
	case *ast.LexicalDeclaration:
		r.declarations(n.List)
	case *ast.ReturnStatement:
		r.mark(n.Argument)
		r.record(&n.Argument)
	case *ast.IfStatement:
		r.ifs(n)
	case *ast.FunctionDeclaration:
		r.function(n.Function)
	case *ast.ClassDeclaration:
		r.class(n.Class)
	case *ast.ForStatement:
		switch i := n.Initializer.(type) {
		case *ast.ForLoopInitializerExpression:
			r.expression(i.Expression)
		case *ast.ForLoopInitializerVarDeclList:
			r.declarations(i.List)
		case *ast.ForLoopInitializerLexicalDecl:
			r.declarations(i.LexicalDeclaration.List)
		}
		r.expression(n.Test)
		r.expression(n.Update)
		n.Body = r.loop(n.Body)
	case *ast.ForInStatement:
		r.work.touches++
		r.forInto(n.Into)
		r.expression(n.Source)
		n.Body = r.loop(n.Body)
		return r.enumeration(n)
	case *ast.ForOfStatement:
		r.work.touches++
		r.iteration(n)
	case *ast.WhileStatement:
		r.expression(n.Test)
		n.Body = r.loop(n.Body)
	case *ast.DoWhileStatement:
		r.expression(n.Test)
		n.Body = r.loop(n.Body)
	case *ast.SwitchStatement:
		r.expression(n.Discriminant)
		for _, c := range n.Body {
			_ = r.statement(c) // itself
		}
	case *ast.CaseStatement:
		r.expression(n.Test)
		r.statements(n.Consequent)
	case *ast.TryStatement:
		r.block(n.Body)
		if n.Catch != nil {
			_ = r.statement(n.Catch) // itself
		}
		r.block(n.Finally)
	case *ast.CatchStatement:
		r.expression(n.Parameter)
		r.block(n.Body)
	case *ast.ThrowStatement:
		r.expression(n.Argument)
	case *ast.LabelledStatement:
		n.Statement = r.statement(n.Statement)
	case *ast.WithStatement:
		r.expression(n.Object)
		r.plain++ // a proxy would be asked for the names inserted
		n.Body = r.statement(n.Body)
		r.plain--
	}
	// BadStatement, BranchStatement, DebuggerStatement and EmptyStatement hold nothing.
	return s
}

// ifs walks an else-if chain, which can be long.
func (r *repairer) ifs(n *ast.IfStatement) {
	type link struct {
		statement *ast.IfStatement
		before    int
	}
	var chain []link
	for n != nil {
		chain = append(chain, link{n, r.work.calls})
		r.mark(n.Test)
		n.Consequent = r.statement(n.Consequent)
		next, ok := n.Alternate.(*ast.IfStatement)
		if !ok {
			n.Alternate = r.statement(n.Alternate)
		}
		n = next
	}
	for _, l := range chain {
		r.calling[l.statement] = r.work.calls > l.before
	}
}

func (r *repairer) forInto(i ast.ForInto) {
	switch n := i.(type) {
	case *ast.ForIntoVar:
		r.binding(n.Binding)
	case *ast.ForDeclaration:
		r.expression(n.Target)
	case *ast.ForIntoExpression:
		r.expression(n.Expression)
	}
}

// declarations walks variables, whose initializers are what they are set to; those of
// parameters are defaults.
func (r *repairer) declarations(list []*ast.Binding) {
	for _, b := range list {
		if bundled(b) {
			r.plain++
		}
		r.binding(b)
		r.initial(b)
		r.destructuring(b)
		if bundled(b) {
			r.plain--
		}
	}
}

func (r *repairer) bindings(list []*ast.Binding) {
	for _, b := range list {
		r.binding(b)
	}
}

func (r *repairer) binding(b *ast.Binding) {
	if b == nil {
		return
	}
	before := r.work.calls
	r.expression(b.Target)
	r.mark(b.Initializer)
	r.record(&b.Initializer)
	if r.work.calls > before {
		r.calling[b] = true
	}
}

func (r *repairer) parameters(p *ast.ParameterList) {
	if p != nil {
		r.bindings(p.List)
		r.expression(p.Rest)
	}
}

func (r *repairer) class(n *ast.ClassLiteral) {
	if n == nil {
		return
	}
	r.expression(n.SuperClass)
	for _, e := range n.Body {
		switch e := e.(type) {
		case *ast.FieldDefinition:
			r.expression(e.Key)
			r.field(e)
		case *ast.MethodDefinition:
			r.expression(e.Key)
			r.hooks(e.Kind, e.Key, e.Computed)
			r.function(e.Body)
		case *ast.ClassStaticBlock:
			r.isolated(func() { r.block(e.Block) })
		}
	}
}

func (r *repairer) expressions(list []ast.Expression) {
	for _, e := range list {
		r.expression(e)
	}
}

func (r *repairer) properties(list []ast.Property) {
	for _, p := range list {
		r.expression(p)
	}
}

func (r *repairer) arrow(n *ast.ArrowFunctionLiteral) {
	if r.scope != nil {
		r.scope.arrows++
		defer func() { r.scope.arrows-- }()
	}
	r.texts = &texts{outer: r.texts}
	defer func() { r.texts = r.texts.outer }()
	work, hook := r.own(func() {
		r.depth++
		r.parameters(n.ParameterList)
		switch b := n.Body.(type) {
		case *ast.BlockStatement:
			r.block(b)
		case *ast.ExpressionBody:
			r.mark(b.Expression)
			r.record(&b.Expression)
		}
		r.depth--
	})
	r.measureArrow(n, work, hook)
	r.parameterPatterns(n)
}

func (r *repairer) expression(e ast.Expression) {
	switch n := e.(type) {
	case nil:
	case *ast.Identifier:
		if n == nil {
			break
		}
		r.mention.identifier(n.Name)
		if n.Name == "arguments" {
			r.useArguments()
		}
	case *ast.CallExpression:
		r.work.call(n.Callee)
		r.expression(n.Callee)
		method := unitMethod(n)
		r.expressions(n.ArgumentList)
		r.records(n.ArgumentList)
		r.spreads(n.ArgumentList)
		r.unit(n, method)
	case *ast.DotExpression:
		r.work.touches++
		r.expression(n.Left)
	case *ast.BinaryExpression:
		r.work.touches++
		r.mark(n.Left)
		r.mark(n.Right)
	case *ast.AssignExpression:
		r.expression(n.Left)
		if anonymous(n.Right) {
			r.assigned(n)
		}
		r.expression(n.Right)
		r.record(&n.Right)
		r.appending(n)
	case *ast.ObjectLiteral:
		r.properties(n.Value)
	case *ast.PropertyKeyed:
		r.expression(n.Key)
		if anonymous(n.Value) {
			r.hooks(n.Kind, n.Key, n.Computed)
		}
		r.expression(n.Value)
		r.record(&n.Value)
	case *ast.PropertyShort:
		r.mention.identifier(n.Name.Name)
		if n.Name.Name == "arguments" {
			r.useArguments()
		}
		r.expression(n.Initializer)
	case *ast.ArrayLiteral:
		r.expressions(n.Value)
		r.records(n.Value)
		r.spreads(n.Value)
	case *ast.FunctionLiteral:
		r.function(n)
	case *ast.ArrowFunctionLiteral:
		r.arrow(n)
	case *ast.ConditionalExpression:
		r.mark(n.Test)
		r.mark(n.Consequent)
		r.mark(n.Alternate)
		r.record(&n.Consequent)
		r.record(&n.Alternate)
	case *ast.UnaryExpression:
		r.work.touches++
		r.expression(n.Operand)
	case *ast.BracketExpression:
		r.work.touches++
		r.expression(n.Left)
		r.expression(n.Member)
	case *ast.PrivateDotExpression:
		r.work.touches++
		r.expression(n.Left)
	case *ast.NewExpression:
		r.work.calls++
		r.expression(n.Callee)
		r.expressions(n.ArgumentList)
		r.records(n.ArgumentList)
		r.spreads(n.ArgumentList)
	case *ast.SequenceExpression:
		r.expressions(n.Sequence)
		r.records(n.Sequence)
	case *ast.TemplateLiteral:
		r.work.touches++
		if n.Tag != nil {
			r.work.calls++
		}
		r.expression(n.Tag)
		for _, t := range n.Elements {
			r.template(t)
		}
		r.expressions(n.Expressions)
	case *ast.AwaitExpression:
		r.waits = r.waits || r.depth == 1
		r.expression(n.Argument)
	case *ast.YieldExpression:
		if n.Delegate {
			r.work.calls++
		}
		r.expression(n.Argument)
	case *ast.OptionalChain:
		r.expression(n.Expression)
	case *ast.Optional:
		r.expression(n.Expression)
	case *ast.SpreadElement:
		r.work.touches++
		r.expression(n.Expression)
	case *ast.ClassLiteral:
		r.class(n)
	case *ast.RegExpLiteral:
		r.regexp(n)
	case *ast.ObjectPattern:
		r.work.touches++
		r.properties(n.Properties)
		r.expression(n.Rest)
	case *ast.ArrayPattern:
		r.work.touches++
		r.expressions(n.Elements)
		r.expression(n.Rest)
	case *ast.Binding:
		r.binding(n)
	}
	// BadExpression, MetaProperty, PrivateIdentifier, SuperExpression,
	// ThisExpression and the literals hold nothing.
}
