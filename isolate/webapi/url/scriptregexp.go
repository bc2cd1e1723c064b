package url

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// errNoRegExp is for scripts that have replaced RegExp by something that is no class.
var errNoRegExp = errors.New("the global RegExp is not the class of regular expressions")

// scriptRegExps returns the compiler of the realm's own regular expressions. What it
// compiles belongs to the realm's turn. The engine knows the flag u, not yet v, which
// differ in what character classes may hold.
func scriptRegExps(js *webidl.Realm) RegExpCompiler {
	return func(source string, ignoreCase bool) (RegExp, error) {
		class, ok := js.VM.GlobalObject().Get("RegExp").(*goja.Object)
		if !ok {
			return nil, errNoRegExp
		}
		if bad := unknownEscape(source); bad != "" {
			return nil, fmt.Errorf("invalid escape %s", bad)
		}
		flags := "u"
		if ignoreCase {
			flags = "ui"
		}
		object, err := js.VM.New(class, js.String(source), js.String(flags))
		if err != nil {
			if webidl.Interrupted(err) {
				panic(err)
			}
			return nil, err
		}
		exec, ok := goja.AssertFunction(object.Get("exec"))
		if !ok {
			return nil, errNoRegExp
		}
		return &scriptRegExp{js, object, exec}, nil
	}
}

// unknownEscape returns the first escape of a letter that has no meaning, which the flags
// u and v forbid and the engine takes for the letter.
func unknownEscape(source string) string {
	for i := 0; i+1 < len(source); i++ {
		if source[i] != '\\' {
			continue
		}
		i++
		if isAlpha(int(source[i])) && strings.IndexByte("bBcdDfknpPqrsStuvwWx", source[i]) < 0 {
			return source[i-1 : i+1]
		}
	}
	return ""
}

// scriptRegExp is a [RegExp] of the JavaScript engine.
type scriptRegExp struct {
	js     *webidl.Realm
	object *goja.Object
	exec   goja.Callable
}

// Exec implements RegExp.
func (r *scriptRegExp) Exec(input string) (groups []Group, matched bool) {
	v, err := r.exec(r.object, r.js.String(input))
	if err != nil {
		panic(err) // the engine's to pass on
	}
	match, ok := v.(*goja.Object)
	if !ok {
		return nil, false
	}
	n := int(match.Get("length").ToInteger())
	groups = make([]Group, 0, max(n-1, 0))
	for i := 1; i < n; i++ {
		g := match.Get(strconv.Itoa(i))
		if g == nil || goja.IsUndefined(g) {
			groups = append(groups, Group{})
			continue
		}
		groups = append(groups, Group{g.String(), true})
	}
	return groups, true
}
