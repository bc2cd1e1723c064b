package webidl

import "github.com/dop251/goja"

// A Global is one name of the global scope, built in a realm when first touched.
type Global struct {
	Name string
	// Enumerable is set for operations and attributes, not for interface objects.
	Enumerable bool
	Make       func(js *Realm) goja.Value
}

// Expose is the global of an interface object.
func Expose(c Interface) Global {
	return Global{Name: c.name(), Make: func(js *Realm) goja.Value { return c.Bind(js) }}
}

// GlobalFunction is the global of an operation of the global scope; length counts the
// arguments that it requires. An error that f returns is thrown.
func GlobalFunction(name string, length int, f func(js *Realm, args []goja.Value) (goja.Value, error)) Global {
	return Global{Name: name, Enumerable: true, Make: func(js *Realm) goja.Value {
		return js.Function(name, length, func(call goja.FunctionCall) goja.Value {
			if len(call.Arguments) < length {
				js.Throw(TypeError("Failed to execute '%s': %s", name, missing(length, len(call.Arguments))))
			}
			v, err := f(js, call.Arguments)
			if err != nil {
				js.Throw(explain(err, "Failed to execute '"+name+"': "))
			}
			return v
		})
	}}
}

// GlobalObject is the global of a single object, such as crypto or console.
func GlobalObject(name string, make func(js *Realm) goja.Value) Global {
	return Global{Name: name, Enumerable: true, Make: make}
}

// Globals is an immutable set of globals, shared by all realms that offer it.
type Globals struct {
	byName map[string]*Global
	names  []string
}

// NewGlobals joins lists of globals. Of two with the same name the later wins.
func NewGlobals(lists ...[]Global) *Globals {
	g := &Globals{byName: map[string]*Global{}}
	for _, list := range lists {
		for i := range list {
			if g.byName[list[i].Name] == nil {
				g.names = append(g.names, list[i].Name)
			}
			g.byName[list[i].Name] = &list[i]
		}
	}
	return g
}

// Names lists the globals in the order in which they were given.
func (g *Globals) Names() []string { return g.names }

// installGlobals puts an object before Object.prototype in the global object's chain
// that builds a global when its name is first looked up and moves it to the global
// object, so that a realm costs nothing for what a script never mentions.
func (js *Realm) installGlobals() {
	must(js.VM.GlobalObject().SetPrototype(js.VM.NewDynamicObject((*lazyGlobals)(js))))
}

// BuildGlobals builds every global now, for scripts that inspect the global object.
func (js *Realm) BuildGlobals() {
	for _, name := range js.globals.names {
		js.defineGlobal(name)
	}
}

// ShowGlobal builds the global of a name, if o is the global object, for a script that
// asks whether it has such a property of its own.
func (js *Realm) ShowGlobal(o, name goja.Value) {
	if js.globals != nil && o == goja.Value(js.VM.GlobalObject()) {
		if _, symbol := name.(*goja.Symbol); !symbol {
			js.defineGlobal(name.String())
		}
	}
}

// ShowGlobals builds every global, if o is the global object, for a script that lists
// its properties.
func (js *Realm) ShowGlobals(o goja.Value) {
	if js.globals != nil && o == goja.Value(js.VM.GlobalObject()) {
		js.BuildGlobals()
	}
}

// Global returns the value of a global name, building it if need be.
func (js *Realm) Global(name string) goja.Value { return js.VM.GlobalObject().Get(name) }

// builtGlobal is a global that was built. value is nil once it is a property of the
// global object.
type builtGlobal struct {
	global *Global
	value  goja.Value
}

// findGlobal returns what is known of a global, or nil.
func (js *Realm) findGlobal(g *Global) *builtGlobal {
	for i := range js.built {
		if js.built[i].global == g {
			return &js.built[i]
		}
	}
	return nil
}

// defineGlobal makes the global of a name, if there is one, a property of the global object.
func (js *Realm) defineGlobal(name string) goja.Value {
	g := js.globals.byName[name]
	if g == nil {
		return nil
	}
	known := js.findGlobal(g)
	if known == nil {
		v := g.Make(js)
		js.built = append(js.built, builtGlobal{g, v})
		known = &js.built[len(js.built)-1]
	}
	v := known.value
	if v == nil { // a later lookup gets here only if the script deleted it
		return nil
	}
	known.value = nil
	enumerable := goja.FLAG_FALSE
	if g.Enumerable {
		enumerable = goja.FLAG_TRUE
	}
	must(js.VM.GlobalObject().DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, enumerable))
	return v
}

type lazyGlobals Realm

// Get is what the engine asks for a name that the global object has no property of. If it
// makes no difference to the script, the first property is added to that object, which
// then copies all that it keeps, only for a name that is looked up again.
func (l *lazyGlobals) Get(name string) goja.Value {
	js := (*Realm)(l)
	if js.globalsWait {
		if g := js.globals.byName[name]; g != nil && js.findGlobal(g) == nil {
			v := g.Make(js)
			js.built = append(js.built, builtGlobal{g, v})
			return v
		}
	}
	return js.defineGlobal(name)
}

func (l *lazyGlobals) Has(name string) bool {
	js := (*Realm)(l)
	g := js.globals.byName[name]
	if g == nil {
		return false
	}
	known := js.findGlobal(g)
	return known == nil || known.value != nil
}

func (l *lazyGlobals) Set(string, goja.Value) bool { return false }
func (l *lazyGlobals) Delete(string) bool          { return true }
func (l *lazyGlobals) Keys() []string              { return nil }
