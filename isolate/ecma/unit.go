package ecma

import (
	"github.com/dop251/goja"
)

// units is what tells TypedArray.from that its callback calls a method of each character.
type units struct {
	callback goja.Value // the last one that was told of, nil after its use
	method   string
	proto    *goja.Object          // %String.prototype%
	methods  map[string]goja.Value // as they are before a script may replace them
}

// prepareUnits notes the methods as they are now.
func (s *steps) prepareUnits(global *goja.Object, mentions func(string) bool) {
	for _, name := range []string{"charCodeAt", "codePointAt"} {
		if mentions(name) {
			if s.units.methods == nil {
				s.units.methods = map[string]goja.Value{}
				s.units.proto = prototypeOf(global, "String")
			}
			s.units.methods[name] = s.units.proto.Get(name)
		}
	}
}

// unit is compiler.Unit.
func (s *steps) unit(c goja.FunctionCall) goja.Value {
	s.units.callback, s.units.method = c.Argument(0), c.Argument(1).String()
	return s.units.callback
}

// calls reports whether all that a callback does is to call a method of the engine's.
func (u *units) calls(callback goja.Value) (method string, ok bool) {
	if u.callback == nil || callback != u.callback {
		return "", false
	}
	method, u.callback = u.method, nil
	f := u.methods[method]
	return method, f != nil && u.proto.Get(method) == f
}

// bytesOf is Uint8Array.from for a string whose every character gives what a method
// returns for it, as bytes.
func (g *guards) bytesOf(text goja.String, method string) goja.Value {
	n := text.Length()
	g.checkBuffer("Uint8Array", g.js.VM.ToValue(n), 1)
	bytes := make([]byte, 0, n)
	for i := 0; i < n; i++ {
		if i%(1<<16) == 1<<16-1 {
			g.js.Checkpoint()
		}
		unit := rune(text.CharAt(i))
		if high := unit; high&^0x3FF == 0xD800 && i+1 < n {
			if low := rune(text.CharAt(i + 1)); low&^0x3FF == 0xDC00 {
				i++
				if method == "codePointAt" {
					unit = 0x10000 + (high-0xD800)<<10 + (low - 0xDC00)
				}
			}
		}
		bytes = append(bytes, byte(unit))
	}
	return g.js.Uint8Array(bytes)
}
