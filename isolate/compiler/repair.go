package compiler

import (
	"strings"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/unistring"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// repairer walks a syntax tree once and changes what the engine would compile slowly
// (see quicken.go) or wrongly:
//
//   - a function whose arguments object is used only by arrow functions inside
//     it: the engine keeps it where the arrows do not look. Using it once in the
//     function itself puts it right.
//   - \p{…} in regular expressions, which the engine takes for the letters.
//   - the templates that mend had to falsify.
type repairer struct {
	mended mended
	file   *file.File
	base   file.Idx
	// scope is the innermost function that has an arguments object, nil outside any.
	scope *argumentsScope
	// depth counts the functions, arrow functions too, that the walk is in.
	depth int
	// waits says that the outermost function, the bundle's wrapper, awaits something itself.
	waits bool
	err   error

	intrinsics []Intrinsic       // Program.Intrinsics
	patterns   map[string]string // Program.Patterns
	shapes     []*layout.Shape   // Program.Shapes

	used    map[Intrinsic]bool
	plain   int      // walking what is left as it is
	texts   *texts   // of the innermost function
	loops   int      // that are around
	mention *mention // of the innermost for-of whose source is walked

	work    work              // of the innermost function
	hook    bool              // the function walked next is called implicitly
	calling map[ast.Node]bool // what makes calls, of statements and parts of them
}

type argumentsScope struct {
	arrows   int  // arrow functions entered since
	inParams bool // walking the parameter list
	// Where arrow functions were seen to use arguments.
	params, body bool
}

// repair changes p.
func repair(p *ast.Program, m mended) (*repairer, error) {
	r := &repairer{mended: m, file: p.File, base: file.Idx(p.File.Base()), used: map[Intrinsic]bool{}, texts: &texts{}, calling: map[ast.Node]bool{}}
	r.statements(p.Body)
	if !r.waits {
		runAtOnce(p)
	}
	r.intrinsics = r.bindIntrinsics(p)
	return r, r.err
}

// runAtOnce makes the wrapper of a bundle without top-level await a plain function: an
// asynchronous one costs each isolate its Promise and a coroutine.
func runAtOnce(p *ast.Program) {
	if len(p.Body) != 1 {
		return
	}
	if s, ok := p.Body[0].(*ast.ExpressionStatement); ok {
		if wrapper, ok := s.Expression.(*ast.ArrowFunctionLiteral); ok {
			wrapper.Async = false
		}
	}
}

func (r *repairer) useArguments() {
	if s := r.scope; s != nil && s.arrows > 0 {
		if s.inParams {
			s.params = true
		} else {
			s.body = true
		}
	}
}

func (r *repairer) function(n *ast.FunctionLiteral) {
	if n == nil {
		return
	}
	outer := r.scope
	s := &argumentsScope{inParams: true}
	r.scope = s
	r.texts = &texts{outer: r.texts}
	work, hook := r.own(func() {
		r.depth++
		r.parameters(n.ParameterList)
		s.inParams = false
		r.block(n.Body)
		r.depth--
	})
	r.scope = outer
	r.texts = r.texts.outer
	r.measureFunction(n.ParameterList, n.Body, work, hook || n.Generator, n.ParameterList.Opening)
	switch {
	case s.params:
		for _, b := range n.ParameterList.List {
			if b.Initializer != nil {
				b.Initializer = &ast.SequenceExpression{Sequence: []ast.Expression{
					argumentsAt(b.Initializer.Idx0()), b.Initializer,
				}}
				return
			}
			if insertInPattern(b.Target, argumentsAt) {
				return
			}
		}
	case s.body:
		n.Body.List = insertAfterDirectives(n.Body.List, &ast.ExpressionStatement{Expression: argumentsAt(n.Body.LeftBrace)})
	}
}

func argumentsAt(idx file.Idx) ast.Expression {
	return &ast.Identifier{Name: "arguments", Idx: idx}
}

// insertInPattern puts an expression before the first default value of a pattern.
func insertInPattern(target ast.Expression, expression func(file.Idx) ast.Expression) bool {
	use := func(e *ast.Expression) bool {
		if *e == nil {
			return false
		}
		*e = &ast.SequenceExpression{Sequence: []ast.Expression{expression((*e).Idx0()), *e}}
		return true
	}
	switch t := target.(type) {
	case *ast.ObjectPattern:
		for _, p := range t.Properties {
			switch p := p.(type) {
			case *ast.PropertyShort:
				if use(&p.Initializer) {
					return true
				}
			case *ast.PropertyKeyed:
				if p.Computed {
					return use(&p.Key)
				}
				if insertInPattern(p.Value, expression) {
					return true
				}
			}
		}
	case *ast.ArrayPattern:
		for _, e := range t.Elements {
			if insertInPattern(e, expression) {
				return true
			}
		}
	case *ast.AssignExpression:
		return use(&t.Right)
	}
	return false
}

func insertAfterDirectives(list []ast.Statement, s ast.Statement) []ast.Statement {
	i := 0
	for i < len(list) {
		e, ok := list[i].(*ast.ExpressionStatement)
		if !ok {
			break
		}
		if _, ok := e.Expression.(*ast.StringLiteral); !ok {
			break
		}
		i++
	}
	out := make([]ast.Statement, 0, len(list)+1)
	out = append(append(out, list[:i]...), s)
	return append(out, list[i:]...)
}

// field is a class field or static block: a function of its own where
// arguments is an error.
func (r *repairer) isolated(walk func()) {
	outer := r.scope
	r.scope = nil
	walk()
	r.scope = outer
}

func (r *repairer) regexp(n *ast.RegExpLiteral) {
	pattern, err := ExpandUnicodeProperties(n.Pattern, n.Flags)
	if err != nil {
		if r.err == nil {
			r.err = &goja.CompilerSyntaxError{CompilerError: goja.CompilerError{
				Message: "Invalid regular expression: /" + n.Pattern + "/" + n.Flags + ": " + err.Error(),
				File:    r.file, Offset: int(n.Idx - r.base),
			}}
		}
		return
	}
	if pattern == n.Pattern {
		return
	}
	// The engine's source of the expression is the key to what was written. It has no
	// slash that is not escaped, and what was written otherwise needs another one.
	pattern = escapeSlashes(pattern)
	for r.patterns[pattern] != "" && r.patterns[pattern] != n.Pattern {
		pattern += "(?:)"
	}
	if r.patterns == nil {
		r.patterns = map[string]string{}
	}
	r.patterns[pattern] = n.Pattern
	n.Pattern = pattern
}

// escapeSlashes escapes the slashes that a literal may have in its classes as they are.
func escapeSlashes(pattern string) string {
	if !strings.Contains(pattern, "/") {
		return pattern
	}
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			b.WriteByte(c)
			i++
		case c == '/':
			b.WriteByte('\\')
		}
		b.WriteByte(pattern[i])
	}
	return b.String()
}

func (r *repairer) template(n *ast.TemplateElement) {
	raw, ok := r.mended.templates[int(n.Idx-r.base)]
	if !ok {
		return
	}
	n.Literal = raw
	if chars, ok := cook(raw); ok {
		n.Parsed = unistring.FromUtf16(append([]uint16{unistring.BOM}, chars...))
		n.Valid = true
	}
}
