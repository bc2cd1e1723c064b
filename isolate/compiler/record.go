package compiler

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/unistring"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// manyProperties is how many an object literal has at least that is made at once. The
// engine makes one property after the other, and looks for more room again and again.
const manyProperties = 4

// record changes an object literal with many properties that are no more than values:
//
//	{a: 1, b: 2, c, d: f()}   =>   %record(7, 1, 2, c, f())
//
// Those of the outermost function, which runs once, are left.
func (r *repairer) record(e *ast.Expression) {
	o, ok := (*e).(*ast.ObjectLiteral)
	if !ok || len(o.Value) < manyProperties || r.plain > 0 || r.depth < 2 && r.loops == 0 {
		return
	}
	names, values := make([]unistring.String, 0, len(o.Value)), make([]ast.Expression, 1, len(o.Value)+1)
	seen := make(map[unistring.String]bool, len(o.Value))
	for _, p := range o.Value {
		name, value := member(p)
		if value == nil || seen[name] {
			return
		}
		seen[name] = true
		names, values = append(names, name), append(values, value)
	}
	values[0] = number(len(r.shapes), o.LeftBrace)
	r.shapes = append(r.shapes, layout.NewShape(names))
	call := r.intrinsic(Record, values...)
	if r.calling[o] {
		r.calling[call] = true
	}
	*e = call
}

// records changes those of a list.
func (r *repairer) records(list []ast.Expression) {
	for i := range list {
		r.record(&list[i])
	}
}

// member takes a property of an object literal apart; value is nil for one that is more
// than a value, or whose place among the others is not that in which it is written.
func member(p ast.Property) (name unistring.String, value ast.Expression) {
	switch p := p.(type) {
	case *ast.PropertyShort:
		name, value = p.Name.Name, &p.Name
		if p.Initializer != nil {
			return "", nil
		}
	case *ast.PropertyKeyed:
		key, ok := p.Key.(*ast.StringLiteral)
		if !ok || p.Computed || p.Kind != ast.PropertyKindValue || named(p.Value) {
			return "", nil
		}
		name, value = key.Value, p.Value
	}
	if name == "__proto__" || name != "" && name[0] >= '0' && name[0] <= '9' {
		return "", nil
	}
	return name, value
}

// named reports whether a property gives its value a name.
func named(value ast.Expression) bool {
	_, class := value.(*ast.ClassLiteral)
	return class || anonymous(value)
}
