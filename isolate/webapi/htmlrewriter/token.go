package htmlrewriter

import (
	"bytes"
	"io"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// given is what a handler is given: the object of a token. Each handler gets an object of
// its own, which is of no use once the handler is done.
type given[T Token] struct {
	webidl.Handle
	token T
	over  bool
}

type expiring interface{ expire() }

func (g *given[T]) expire() { g.over = true }

// Wrap implements webidl.Wrapper.
func (g *given[T]) Wrap(js *webidl.Realm) *goja.Object { return g.Object() }

// valid fails when the handler is done.
func (g *given[T]) valid(js *webidl.Realm) error {
	if g.over {
		return bare(js, webidl.TypeError("This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler."))
	}
	return nil
}

// wrap makes the object of the token for the next handler.
func (v *visit) wrap() (expiring, goja.Value) {
	switch t := v.token.(type) {
	case *Element:
		return wrapToken(v.js, elementClass, t)
	case *Text:
		return wrapToken(v.js, textClass, t)
	case *Comment:
		return wrapToken(v.js, commentClass, t)
	case *Doctype:
		return wrapToken(v.js, doctypeClass, t)
	case *EndTag:
		return wrapToken(v.js, endTagClass, t)
	}
	return wrapToken(v.js, documentEndClass, v.token.(*DocumentEnd))
}

func wrapToken[T Token](js *webidl.Realm, c *webidl.Class[*given[T]], t T) (expiring, goja.Value) {
	g := &given[T]{token: t}
	return g, c.Wrap(js, g)
}

// get declares an attribute.
func get[T Token, R any](name string, f func(*webidl.Realm, *given[T]) R) webidl.Member[*given[T]] {
	return webidl.ReadOnly(name, func(g *given[T], js *webidl.Realm) (r R, err error) {
		if err := g.valid(js); err != nil {
			return r, err
		}
		return f(js, g), nil
	})
}

// attr declares a string attribute that can be set.
func attr[T Token](name string, of func(T) string, set func(T, string) error) webidl.Member[*given[T]] {
	return webidl.Attr(name, webidl.USVString,
		func(g *given[T], js *webidl.Realm) (string, error) {
			if err := g.valid(js); err != nil {
				return "", err
			}
			return of(g.token), nil
		},
		func(g *given[T], js *webidl.Realm, s string) error {
			err := g.valid(js)
			if err == nil {
				if err = set(g.token, s); err != nil {
					err = bare(js, err)
				}
			}
			return err
		})
}

// do declares an operation without arguments that returns the object.
func do[T Token](name string, f func(T)) webidl.Member[*given[T]] {
	return webidl.Op0(name, func(g *given[T], js *webidl.Realm) (*goja.Object, error) {
		if err := g.valid(js); err != nil {
			return nil, err
		}
		f(g.token)
		return g.Object(), nil
	})
}

// insert declares an operation that takes content and returns the object.
func insert[T Token](name string, f func(T, Content)) webidl.Member[*given[T]] {
	return webidl.Op2(name, func(g *given[T], js *webidl.Realm, c webidl.Opt[Content], o webidl.Opt[contentOptions]) (*goja.Object, error) {
		if err := g.valid(js); err != nil {
			drop(c.Value)
			return nil, err
		}
		if c.Set {
			c.Value.HTML = o.Value.html
			f(g.token, c.Value)
		}
		return g.Object(), nil
	}, contentType, optionsType)
}

type contentOptions struct{ html bool }

var optionsType = webidl.Default(webidl.Nullable(webidl.Dict("ContentOptions", contentOptions{},
	webidl.Has("html", webidl.Boolean, func(o *contentOptions) *bool { return &o.html }))), webidl.Opt[contentOptions]{})

// contentType is (USVString or ReadableStream or Response). A Response without a body is
// no content.
var contentType = webidl.NewType("Content", func(js *webidl.Realm, v goja.Value) (c webidl.Opt[Content], err error) {
	c.Set = true
	switch impl := webidl.Unwrap(v).(type) {
	case *streams.ReadableStream:
		body, err := streams.Body(js, impl)
		if err != nil {
			return c, err
		}
		if c.Value.Stream = body.Stream; body.Stream == nil {
			c.Value.Stream = io.NopCloser(bytes.NewReader(body.Bytes))
		}
		return c, nil
	case *fetch.Response:
		sent, err := impl.Send(js)
		if err != nil {
			return c, err
		}
		switch c.Value.Stream = sent.Body.Stream; {
		case sent.Body.None():
			c.Set = false
		case sent.Body.Stream == nil:
			c.Value.Stream = io.NopCloser(bytes.NewReader(sent.Body.Bytes))
		}
		return c, nil
	}
	c.Value.Text, err = webidl.USVString.Convert(js, v)
	return c, err
})

// elementClass is https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#element
var elementClass = &webidl.Class[*given[*Element]]{
	Name: "Element",
	Members: []webidl.Member[*given[*Element]]{
		attr("tagName", (*Element).Name, (*Element).SetName),
		get("attributes", func(js *webidl.Realm, g *given[*Element]) *goja.Object {
			return attributesIteratorClass.Wrap(js, &attributesIterator{of: g, version: g.token.version})
		}),
		get("removed", func(_ *webidl.Realm, g *given[*Element]) bool { return g.token.Removed() }),
		get("namespaceURI", func(_ *webidl.Realm, g *given[*Element]) string { return g.token.NamespaceURI() }),
		webidl.Op1("getAttribute", func(g *given[*Element], js *webidl.Realm, name string) (v webidl.Opt[string], err error) {
			if err := g.valid(js); err != nil {
				return v, err
			}
			v.Value, v.Set = g.token.Attribute(name)
			return v, nil
		}, webidl.USVString),
		webidl.Op1("hasAttribute", func(g *given[*Element], js *webidl.Realm, name string) (bool, error) {
			if err := g.valid(js); err != nil {
				return false, err
			}
			_, ok := g.token.Attribute(name)
			return ok, nil
		}, webidl.USVString),
		webidl.Op2("setAttribute", func(g *given[*Element], js *webidl.Realm, name, value string) (*goja.Object, error) {
			if err := g.valid(js); err != nil {
				return nil, err
			}
			if err := g.token.SetAttribute(name, value); err != nil {
				return nil, bare(js, err)
			}
			return g.Object(), nil
		}, webidl.USVString, webidl.USVString),
		webidl.Op1("removeAttribute", func(g *given[*Element], js *webidl.Realm, name string) (*goja.Object, error) {
			if err := g.valid(js); err != nil {
				return nil, err
			}
			g.token.RemoveAttribute(name)
			return g.Object(), nil
		}, webidl.USVString),
		insert("before", func(e *Element, c Content) { e.Before(c) }),
		insert("after", (*Element).After),
		insert("prepend", (*Element).Prepend),
		insert("append", (*Element).Append),
		insert("replace", (*Element).Replace),
		do("remove", (*Element).Remove),
		do("removeAndKeepContent", (*Element).RemoveAndKeepContent),
		insert("setInnerContent", (*Element).SetInnerContent),
		webidl.Proc1("onEndTag", func(g *given[*Element], js *webidl.Realm, f *webidl.Callback) error {
			if err := g.valid(js); err != nil {
				return err
			}
			if err := g.token.OnEndTag(f); err != nil {
				return bare(js, err)
			}
			return nil
		}, webidl.CallbackFunction),
	},
}

// textClass is https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#text-chunks
var textClass = &webidl.Class[*given[*Text]]{
	Name: "Text",
	Members: append([]webidl.Member[*given[*Text]]{
		get("text", func(_ *webidl.Realm, g *given[*Text]) string { return g.token.Text() }),
		get("lastInTextNode", func(_ *webidl.Realm, g *given[*Text]) bool { return g.token.LastInTextNode() }),
	}, characterMembers[*Text]()...),
}

// commentClass is https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#comments
var commentClass = &webidl.Class[*given[*Comment]]{
	Name:    "Comment",
	Members: append([]webidl.Member[*given[*Comment]]{attr("text", (*Comment).Text, (*Comment).SetText)}, characterMembers[*Comment]()...),
}

// characterMembers are what Text and Comment share.
func characterMembers[T Token]() []webidl.Member[*given[T]] {
	return []webidl.Member[*given[T]]{
		get("removed", func(_ *webidl.Realm, g *given[T]) bool { return g.token.mutated().Removed() }),
		insert("before", func(t T, c Content) { t.mutated().Before(c) }),
		insert("after", func(t T, c Content) { t.mutated().After(c) }),
		insert("replace", func(t T, c Content) { t.mutated().Replace(c) }),
		do("remove", func(t T) { t.mutated().Remove() }),
	}
}

// doctypeClass is https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#doctype
var doctypeClass = &webidl.Class[*given[*Doctype]]{
	Name: "Doctype",
	Members: []webidl.Member[*given[*Doctype]]{
		get("name", func(_ *webidl.Realm, g *given[*Doctype]) webidl.Opt[string] { return optional(g.token.Name) }),
		get("publicId", func(_ *webidl.Realm, g *given[*Doctype]) webidl.Opt[string] { return optional(g.token.PublicID) }),
		get("systemId", func(_ *webidl.Realm, g *given[*Doctype]) webidl.Opt[string] { return optional(g.token.SystemID) }),
	},
}

func optional(s *string) webidl.Opt[string] {
	if s == nil {
		return webidl.Opt[string]{}
	}
	return webidl.Some(*s)
}

// endTagClass is https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#end-tag
var endTagClass = &webidl.Class[*given[*EndTag]]{
	Name: "EndTag",
	Members: []webidl.Member[*given[*EndTag]]{
		attr("name", (*EndTag).Name, (*EndTag).SetName),
		insert("before", func(e *EndTag, c Content) { e.Before(c) }),
		insert("after", func(e *EndTag, c Content) { e.After(c) }),
		do("remove", func(e *EndTag) { e.Remove() }),
	},
}

// documentEndClass is https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#end
var documentEndClass = &webidl.Class[*given[*DocumentEnd]]{
	Name:    "DocumentEnd",
	Members: []webidl.Member[*given[*DocumentEnd]]{insert("append", (*DocumentEnd).Append)},
}

// An attributesIterator walks an element's attributes as pairs of name and value.
type attributesIterator struct {
	webidl.Handle
	of      *given[*Element]
	version int
	i       int
}

var attributesIteratorClass = &webidl.Class[*attributesIterator]{
	Name:    "AttributesIterator",
	Members: []webidl.Member[*attributesIterator]{webidl.Op0("next", (*attributesIterator).next)},
	Build: func(js *webidl.Realm, _, prototype *goja.Object) {
		// An iterator inherits from %IteratorPrototype%, where its @@iterator is.
		list := js.VM.NewArray()
		if f, ok := goja.AssertFunction(list.GetSymbol(goja.SymIterator)); ok {
			if it, err := f(list); err == nil {
				_ = prototype.SetPrototype(it.(*goja.Object).Prototype().Prototype())
			}
		}
	},
}

func (a *attributesIterator) next(js *webidl.Realm) (*goja.Object, error) {
	if err := a.of.valid(js); err != nil {
		return nil, err
	}
	if a.version != a.of.token.version {
		return nil, bare(js, webidl.PlainError("The attributes of this element have been modified during iteration. You must create a new iterator after modifying attributes."))
	}
	list := a.of.token.Attributes()
	if a.i >= len(list) {
		return js.IteratorResult(goja.Undefined(), true), nil
	}
	at := list[a.i]
	a.i++
	return js.IteratorResult(js.VM.NewArray(js.String(at.Name), js.String(at.Value)), false), nil
}
