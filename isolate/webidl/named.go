package webidl

import "github.com/dop251/goja"

// A Named is an implementation whose object has properties by names of its own making,
// behind those of its class (https://webidl.spec.whatwg.org/#dfn-named-property). It
// is asked for a name that no member and no property of Object.prototype has.
type Named interface {
	NamedProperty(js *Realm, name string) goja.Value
}

// named returns the named property of an object, or nil.
func (c *carrier) named(name string) goja.Value {
	n, ok := c.impl.(Named)
	if !ok {
		return nil
	}
	for b := c.class; b != nil; b = b.parent {
		if _, member := b.names[name]; member || name == "constructor" {
			return nil
		}
	}
	if v := c.object.Prototype().Get(name); v != nil {
		return nil
	}
	return n.NamedProperty(c.class.realm, name)
}
