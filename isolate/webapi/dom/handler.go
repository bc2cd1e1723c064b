package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A handler is the event handler of an attribute such as onabort:
// https://html.spec.whatwg.org/#event-handlers
type handler struct {
	typ      string
	callback *goja.Object // may be an object that is no function, which is never called
	listener *listener    // while callback is set
}

// EventHandler declares the event handler attribute "on" + typ of a class of targets.
func EventHandler[T Target](typ string) webidl.Member[T] {
	return EventHandlerThen[T](typ, nil)
}

// EventHandlerThen is EventHandler for an attribute with a side effect: set, if not
// nil, is called after each change.
func EventHandlerThen[T Target](typ string, set func(T, *webidl.Realm)) webidl.Member[T] {
	return webidl.Attr("on"+typ, handlerType,
		func(this T, _ *webidl.Realm) (goja.Value, error) { return this.target().handler(typ), nil },
		func(this T, js *webidl.Realm, v goja.Value) error {
			this.target().setHandler(typ, v)
			if set != nil {
				set(this, js)
			}
			return nil
		})
}

// handlerType is EventHandler, with [LegacyTreatNonObjectAsNull].
var handlerType = webidl.NewType("EventHandler", func(_ *webidl.Realm, v goja.Value) (goja.Value, error) {
	if o, ok := v.(*goja.Object); ok {
		return o, nil
	}
	return goja.Null(), nil
})

func (t *EventTarget) handler(typ string) goja.Value {
	for _, h := range t.handlers {
		if h.typ == typ && h.callback != nil {
			return h.callback
		}
	}
	return goja.Null()
}

func (t *EventTarget) setHandler(typ string, v goja.Value) {
	var h *handler
	for _, known := range t.handlers {
		if known.typ == typ {
			h = known
		}
	}
	if h == nil {
		h = &handler{typ: typ}
		t.handlers = append(t.handlers, h)
	}
	h.callback, _ = v.(*goja.Object)
	switch {
	case h.callback == nil && h.listener != nil:
		// https://html.spec.whatwg.org/#deactivate-an-event-handler
		t.remove(h.listener)
		h.listener = nil
	case h.callback != nil && h.listener == nil:
		// https://html.spec.whatwg.org/#activate-an-event-handler
		h.listener = &listener{typ: typ, handler: h}
		t.listeners = append(t.listeners, h.listener)
	}
}

// call is https://html.spec.whatwg.org/#the-event-handler-processing-algorithm
func (h *handler) call(js *webidl.Realm, target Target, any AnyEvent) {
	f, ok := goja.AssertFunction(h.callback)
	if !ok {
		return
	}
	result, err := f(target.Wrap(js), any.Wrap(js))
	if err != nil {
		reportError(js, err, any)
		return
	}
	if result == js.VM.ToValue(false) {
		any.event().PreventDefault()
	}
}

// invokeGlobalHandler calls the global object's event handler, such as
// onunhandledrejection. The global object is no platform object of ours, so its
// handlers are the properties of their names.
func invokeGlobalHandler(js *webidl.Realm, target Target, any AnyEvent) {
	e := any.event()
	f, ok := goja.AssertFunction(js.VM.GlobalObject().Get("on" + e.typ))
	if !ok {
		return
	}
	args := []goja.Value{any.Wrap(js)}
	failure, isError := any.(*ErrorEvent)
	if isError && e.typ == "error" {
		// OnErrorEventHandler takes the event apart.
		args = []goja.Value{js.String(failure.message), js.String(failure.filename),
			js.VM.ToValue(failure.lineno), js.VM.ToValue(failure.colno), failure.error}
	}
	result, err := f(target.Wrap(js), args...)
	if err != nil {
		reportError(js, err, any)
		return
	}
	if result == js.VM.ToValue(isError && e.typ == "error") {
		e.PreventDefault()
	}
}
