package htmlrewriter

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Class is the HTMLRewriter interface.
// https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/
var Class = &webidl.Class[*htmlRewriter]{
	Name:        "HTMLRewriter",
	Constructor: webidl.New0(func(*webidl.Realm) (*htmlRewriter, error) { return &htmlRewriter{}, nil }),
	Members: []webidl.Member[*htmlRewriter]{
		webidl.Op2("on", (*htmlRewriter).on, webidl.USVString, elementHandlers),
		webidl.Op1("onDocument", (*htmlRewriter).onDocument, documentHandlers),
		webidl.Op1("transform", (*htmlRewriter).transform, fetch.ResponseClass.Instance()),
	},
}

// Globals are the names of this package in the global scope. The classes of what handlers
// are given have none.
var Globals = []webidl.Global{webidl.Expose(Class)}

// htmlRewriter is the implementation of Class: a list of handlers, used by any number of
// transformations.
type htmlRewriter struct {
	webidl.Handle
	rules    []Rule
	handlers []handlers
}

// handlers are the functions of one registration, and the object that they are methods of.
type handlers struct {
	object                                *goja.Object
	element, comments, text, doctype, end *webidl.Callback
}

var (
	elementHandlers  = handlersType("ElementContentHandlers", "comments", "element", "text")
	documentHandlers = handlersType("DocumentContentHandlers", "comments", "doctype", "end", "text")
)

func handlersType(name string, members ...string) webidl.Type[handlers] {
	return webidl.NewType(name, func(js *webidl.Realm, v goja.Value) (handlers, error) {
		var h handlers
		var ok bool
		if h.object, ok = v.(*goja.Object); !ok {
			return h, webidl.TypeError("The provided value is not of type '%s'.", name)
		}
		for _, member := range members {
			f := h.object.Get(member)
			if f == nil || goja.IsUndefined(f) || goja.IsNull(f) {
				continue
			}
			callback, err := webidl.CallbackFunction.Convert(js, f)
			if err != nil {
				return h, webidl.TypeError("Failed to read the '%s' property from '%s': The provided value is not a function.", member, name)
			}
			switch member {
			case "element":
				h.element = callback
			case "comments":
				h.comments = callback
			case "text":
				h.text = callback
			case "doctype":
				h.doctype = callback
			case "end":
				h.end = callback
			}
		}
		return h, nil
	})
}

// on registers handlers for the elements that a selector matches.
func (h *htmlRewriter) on(js *webidl.Realm, selector string, f handlers) (*goja.Object, error) {
	s, err := ParseSelector(selector)
	if err != nil {
		return nil, bare(js, err)
	}
	h.add(Rule{Selector: s}, f)
	return webidl.ObjectOf(js, h), nil
}

// onDocument registers handlers for the whole document.
func (h *htmlRewriter) onDocument(js *webidl.Realm, f handlers) (*goja.Object, error) {
	h.add(Rule{}, f)
	return webidl.ObjectOf(js, h), nil
}

// Wrap implements webidl.Wrapper.
func (h *htmlRewriter) Wrap(js *webidl.Realm) *goja.Object { return h.Object() }

func (h *htmlRewriter) add(r Rule, f handlers) {
	r.Element, r.Comments, r.Text = f.element != nil, f.comments != nil, f.text != nil
	r.Doctype, r.End = f.doctype != nil, f.end != nil
	if !(r.Element || r.Comments || r.Text || r.Doctype || r.End) {
		return
	}
	h.rules, h.handlers = append(h.rules, r), append(h.handlers, f)
}

// transform returns a response whose body is that of response as the handlers change it.
func (h *htmlRewriter) transform(js *webidl.Realm, response *fetch.Response) (*goja.Object, error) {
	o := fetch.ResponseClass.Wrap(js, response)
	if o.Get("type").String() == "error" {
		return nil, bare(js, webidl.TypeError("HTMLRewriter cannot transform an error response"))
	}
	switch o.Get("status").ToInteger() {
	case 101, 204, 205, 304: // there is nothing to transform
		return o, nil
	}
	// What is refused is refused before the body is touched.
	label, err := charsetOf(js, o)
	if err != nil {
		return nil, err
	}
	ctx, err := js.Ambient()
	if err != nil {
		ctx = context.Background()
	}
	calls := &caller{js: js, context: js.Context(), ctx: ctx, handlers: h.handlers[:len(h.handlers):len(h.handlers)],
		answer: make(chan error, 1), gone: make(chan struct{})}
	rewriter, err := NewRewriter(label, h.rules[:len(h.rules):len(h.rules)], calls)
	if err != nil {
		return nil, bare(js, err)
	}
	given, ok := webidl.As[*streams.ReadableStream](o.Get("body"))
	switch {
	case !ok:
		return o, nil
	case given.Locked() || given.Disturbed():
		return nil, webidl.TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.")
	}
	// What Go feeds is read when someone reads the result; a script is listened to at once.
	content, native := given.TakeSource(js)
	if !native {
		if content, err = streams.Body(js, given); err != nil {
			return nil, err
		}
	}
	if len(h.rules) > 0 || !native {
		content = through(calls, rewriter, content, native)
	}
	body := streams.NewFromBody(js, content)
	made, err := js.VM.New(fetch.ResponseClass.Bind(js), body.Wrap(js), o)
	if err != nil {
		return nil, err
	}
	_, err = call(made.Get("headers"), "delete", js.String("content-length"))
	return made, err
}

// through returns what becomes of content.
func through(c *caller, r *Rewriter, content outside.Body, native bool) outside.Body {
	source := content.Stream
	if source == nil {
		source = io.NopCloser(bytes.NewReader(content.Bytes))
	}
	var t io.ReadCloser = newTransformed(c, r, source)
	if !native {
		t = newHeadStart(t)
	}
	return outside.Body{Stream: t, Length: -1}
}

// charsetOf returns the charset parameter of a response's content type, or "utf-8".
func charsetOf(js *webidl.Realm, response *goja.Object) (string, error) {
	v, err := call(response.Get("headers"), "get", js.String("content-type"))
	if err != nil || goja.IsNull(v) {
		return "utf-8", err
	}
	if t, err := mimesniff.Parse(v.String()); err == nil {
		if charset, ok := t.Parameter("charset"); ok {
			return charset, nil
		}
	}
	return "utf-8", nil
}

// call calls a method of one of the platform's own objects.
func call(object goja.Value, method string, args ...goja.Value) (goja.Value, error) {
	o, ok := object.(*goja.Object)
	if !ok {
		return nil, webidl.TypeError("The response has no headers.")
	}
	f, ok := goja.AssertFunction(o.Get(method))
	if !ok {
		return nil, webidl.TypeError("The headers have no method '%s'.", method)
	}
	return f(o, args...)
}

// bare returns err as an exception whose message nothing is put before: programs compare
// messages of Workers. A refusal by the rewriter is a TypeError.
func bare(js *webidl.Realm, err error) error {
	var refused *ParserError
	if errors.As(err, &refused) {
		err = webidl.TypeError("%s", refused.Error())
	}
	return webidl.Throw(js.ErrorValue(err))
}
