package webidl

import (
	"reflect"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// A Handle ties a Go implementation to its JavaScript object. Implementations embed
// it; it must not be copied once the object exists.
type Handle struct{ carrier carrier }

func (h *Handle) handle() *Handle { return h }

// Object returns the implementation's JavaScript object, or nil before it has one.
func (h *Handle) Object() *goja.Object { return h.carrier.object }

// An Implementation is the Go side of a platform object: a pointer to a struct that
// embeds Handle.
type Implementation interface{ handle() *Handle }

// carrier is the platform object as the engine sees it. Its own properties are those
// that a script adds (request.params = …); members are on the class's prototype.
type carrier struct {
	impl   any
	object *goja.Object
	class  *binding // nil for an object that is of no class
	own    map[string]goja.Value
	order  []string
	// expandos are those of own that are more than a value; nil as a rule.
	expandos map[string]*expando
}

var (
	promiseType = reflect.TypeFor[*goja.Promise]()
	// ordinaryType is what the engine exports an ordinary object as.
	ordinaryType = reflect.TypeFor[map[string]any]()
)

// Get is what the engine asks first, whatever property is looked up: the moment to
// define a member that has waited for it.
func (c *carrier) Get(key string) goja.Value {
	if c.own != nil {
		if v := c.own[key]; v != nil {
			if x := c.expandos[key]; x != nil {
				return x.read(c)
			}
			return v
		}
	}
	if c.class == nil {
		return nil
	}
	c.class.need(key)
	if c.class.hasNames {
		return c.named(key)
	}
	return nil
}

func (c *carrier) Set(key string, v goja.Value) bool {
	if x := c.expandos[key]; x != nil {
		return x.write(c, key, v)
	}
	if c.own == nil {
		c.own = map[string]goja.Value{}
	}
	if _, ok := c.own[key]; !ok {
		c.order = append(c.order, key)
	}
	c.own[key] = v
	return true
}

func (c *carrier) Has(key string) bool {
	if _, ok := c.own[key]; ok {
		return true
	}
	if c.class != nil {
		c.class.need(key)
	}
	return false
}

func (c *carrier) Delete(key string) bool {
	if x := c.expandos[key]; x != nil {
		if x.fixed {
			return false
		}
		delete(c.expandos, key)
	}
	if _, ok := c.own[key]; ok {
		delete(c.own, key)
		for i, k := range c.order {
			if k == key {
				c.order = append(c.order[:i], c.order[i+1:]...)
				break
			}
		}
	}
	return true
}

func (c *carrier) Keys() []string {
	if len(c.expandos) == 0 {
		return c.order
	}
	shown := make([]string, 0, len(c.order))
	for _, key := range c.order {
		if x := c.expandos[key]; x == nil || !x.hidden {
			shown = append(shown, key)
		}
	}
	return shown
}

// slot is the hidden property by which an instance of a script's subclass is tied to
// its carrier. Such an instance is an ordinary object, because the engine gives no
// private fields to a carrier. Copying the property to another object does not forge
// one: the carrier knows its owner.
var slot = goja.NewSymbol("mayfly.slot")

// Unwrap returns the implementation behind v, whatever its class, or nil.
func Unwrap(v goja.Value) any {
	o, ok := v.(*goja.Object)
	if !ok {
		return nil
	}
	if c, ok := layout.Dynamic(o).(*carrier); ok {
		return c.impl
	}
	if o.ExportType() == ordinaryType {
		if hidden, ok := o.GetSymbol(slot).(*goja.Object); ok {
			if c, ok := layout.Dynamic(hidden).(*carrier); ok && c.object == o {
				return c.impl
			}
		}
	}
	return nil
}

// As returns the implementation behind v if it is a T.
func As[T any](v goja.Value) (T, bool) {
	t, ok := Unwrap(v).(T)
	return t, ok
}

// A Wrapper is an implementation that makes its own JavaScript object, by calling Wrap
// of its class.
type Wrapper interface{ Wrap(js *Realm) *goja.Object }

// ObjectOf returns w's JavaScript object. A member of a class uses it to return objects
// of that same class: calling the class itself there would make its declaration refer
// to itself, which Go refuses.
func ObjectOf(js *Realm, w Wrapper) *goja.Object { return w.Wrap(js) }
