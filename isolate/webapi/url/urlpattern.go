package url

import (
	"errors"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// URLPattern is the URLPattern interface: https://urlpattern.spec.whatwg.org/#urlpattern-class
var URLPattern = &webidl.Class[*urlPattern]{
	Name:        "URLPattern",
	Constructor: webidl.New3(newURLPattern, webidl.Default(patternInput, urlPatternInput{}), webidl.OptionalAny, urlPatternOptions),
	Members: []webidl.Member[*urlPattern]{
		webidl.Op2("test", (*urlPattern).test, webidl.Default(patternInput, urlPatternInput{}), webidl.Optional(webidl.USVString)),
		webidl.Op2("exec", (*urlPattern).exec, webidl.Default(patternInput, urlPatternInput{}), webidl.Optional(webidl.USVString)),
		patternComponent(ComponentProtocol),
		patternComponent(ComponentUsername),
		patternComponent(ComponentPassword),
		patternComponent(ComponentHostname),
		patternComponent(ComponentPort),
		patternComponent(ComponentPathname),
		patternComponent(ComponentSearch),
		patternComponent(ComponentHash),
		webidl.ReadOnly("hasRegExpGroups", func(p *urlPattern, _ *webidl.Realm) (bool, error) { return p.pattern.HasRegExpGroups(), nil }),
	},
}

// A urlPattern is the implementation of [URLPattern].
type urlPattern struct {
	webidl.Handle
	pattern *Pattern
}

func patternComponent(c Component) webidl.Member[*urlPattern] {
	return webidl.ReadOnly(c.String(), func(p *urlPattern, _ *webidl.Realm) (string, error) { return p.pattern.Component(c), nil })
}

// A urlPatternInput is a URLPatternInput: a string, or else a dictionary.
type urlPatternInput struct {
	text   string
	isText bool
	init   PatternInit
}

// patternInput is (USVString or URLPatternInit).
var patternInput = webidl.NewType("URLPatternInput", func(js *webidl.Realm, v goja.Value) (in urlPatternInput, err error) {
	o, isObject := v.(*goja.Object)
	switch {
	case isObject:
		err = in.read(js, o)
	case !goja.IsUndefined(v) && !goja.IsNull(v):
		in.isText = true
		in.text, err = webidl.USVString.Convert(js, v)
	}
	return in, err
})

// patternMembers are the members of URLPatternInit in the order in which a dictionary is read.
var patternMembers = [...]Component{
	ComponentBaseURL, ComponentHash, ComponentHostname, ComponentPassword, ComponentPathname, ComponentPort,
	ComponentProtocol, ComponentSearch, ComponentUsername,
}

// read converts a dictionary.
func (in *urlPatternInput) read(js *webidl.Realm, o *goja.Object) error {
	for _, c := range patternMembers {
		v := o.Get(c.String())
		if v == nil || goja.IsUndefined(v) {
			continue
		}
		s, err := webidl.USVString.Convert(js, v)
		if err != nil {
			return err
		}
		in.init.Set(c, s)
	}
	return nil
}

// value is the input as scripts see it.
func (in *urlPatternInput) value(js *webidl.Realm) goja.Value {
	if in.isText {
		return js.String(in.text)
	}
	o := js.VM.NewObject()
	for _, c := range patternMembers {
		if s, present := in.init.Get(c); present {
			define(o, c.String(), js.String(s))
		}
	}
	return o
}

// define defines a property of a new object.
func define(o *goja.Object, name string, v goja.Value) {
	var err error
	if name == "__proto__" {
		err = o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
	} else {
		err = o.Set(name, v) // much cheaper
	}
	if err != nil {
		panic(err) // the engine's to pass on
	}
}

// urlPatternOptions is the URLPatternOptions dictionary.
var urlPatternOptions = webidl.Dict("URLPatternOptions", PatternOptions{},
	webidl.Has("ignoreCase", webidl.Boolean, func(o *PatternOptions) *bool { return &o.IgnoreCase }))

// newURLPattern is both constructors: (input, baseURL, options) and (input, options).
// https://urlpattern.spec.whatwg.org/#dom-urlpattern-urlpattern
func newURLPattern(js *webidl.Realm, input urlPatternInput, second goja.Value, options PatternOptions) (*urlPattern, error) {
	var base *string
	switch _, isObject := second.(*goja.Object); {
	case isObject:
		var err error
		if options, err = urlPatternOptions.Convert(js, second); err != nil {
			return nil, err
		}
	case !goja.IsUndefined(second) && !goja.IsNull(second):
		s, err := webidl.USVString.Convert(js, second)
		if err != nil {
			return nil, err
		}
		base = &s
	}
	options.RegExp = scriptRegExps(js)
	p := new(urlPattern)
	var err error
	switch {
	case input.isText:
		p.pattern, err = ParsePattern(input.text, base, &options)
	case base != nil:
		return nil, errBaseURLTwice
	default:
		p.pattern, err = NewPattern(&input.init, &options)
	}
	if invalid := (*PatternError)(nil); errors.As(err, &invalid) {
		return nil, webidl.TypeError("%s", invalid.Error())
	}
	return p, err
}

var errBaseURLTwice = webidl.TypeError("A base URL may not be given beside an input that is an object: it is the object's baseURL.")

// test: https://urlpattern.spec.whatwg.org/#dom-urlpattern-test
func (p *urlPattern) test(_ *webidl.Realm, input urlPatternInput, base webidl.Opt[string]) (bool, error) {
	switch {
	case input.isText && base.Set:
		return p.pattern.Test(input.text, &base.Value), nil
	case input.isText:
		return p.pattern.Test(input.text, nil), nil
	case base.Set:
		return false, errBaseURLTwice
	}
	return p.pattern.TestInit(&input.init), nil
}

// exec: https://urlpattern.spec.whatwg.org/#dom-urlpattern-exec
func (p *urlPattern) exec(js *webidl.Realm, input urlPatternInput, base webidl.Opt[string]) (*goja.Object, error) {
	var result *PatternResult
	switch {
	case input.isText && base.Set:
		result = p.pattern.Exec(input.text, &base.Value)
	case input.isText:
		result = p.pattern.Exec(input.text, nil)
	case base.Set:
		return nil, errBaseURLTwice
	default:
		result = p.pattern.ExecInit(&input.init)
	}
	if result == nil {
		return nil, nil
	}
	inputs := []any{input.value(js)}
	if base.Set {
		inputs = append(inputs, js.String(base.Value))
	}
	o := js.VM.NewObject()
	define(o, "inputs", js.VM.NewArray(inputs...))
	for c := range components {
		define(o, c.String(), result[c].object(js))
	}
	return o, nil
}

// object is the dictionary URLPatternComponentResult.
func (r *ComponentResult) object(js *webidl.Realm) *goja.Object {
	groups := js.VM.NewObject()
	for i, name := range r.Names {
		var v goja.Value = goja.Undefined()
		if r.Groups[i].Set {
			v = js.String(r.Groups[i].Value)
		}
		define(groups, name, v)
	}
	o := js.VM.NewObject()
	define(o, "input", js.String(r.Input))
	define(o, "groups", groups)
	return o
}
