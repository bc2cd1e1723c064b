package dom

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A listener is an event listener: https://dom.spec.whatwg.org/#concept-event-listener
// Its callback is a script's, an event handler attribute, or a function of Go's.
type listener struct {
	typ      string
	callback *goja.Object
	handler  *handler
	native   func(AnyEvent)
	capture  bool
	once     bool
	passive  bool
	removed  bool
	forget   func() // stops waiting for the signal
}

// callbackType is EventListener?: a function, or an object that may have a handleEvent.
var callbackType = webidl.NewType("EventListener?", func(_ *webidl.Realm, v goja.Value) (*goja.Object, error) {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return nil, nil
	}
	o, ok := v.(*goja.Object)
	if !ok {
		return nil, webidl.TypeError("parameter 2 is not of type 'Object'.")
	}
	return o, nil
})

// listenerOptions is the dictionary AddEventListenerOptions.
type listenerOptions struct {
	capture, once, passive bool
	signal                 *AbortSignal
}

var (
	optionsDict = webidl.Dict("AddEventListenerOptions", listenerOptions{},
		webidl.Has("capture", webidl.Boolean, func(o *listenerOptions) *bool { return &o.capture }),
		webidl.Has("once", webidl.Boolean, func(o *listenerOptions) *bool { return &o.once }),
		webidl.Has("passive", webidl.Boolean, func(o *listenerOptions) *bool { return &o.passive }),
		webidl.Has("signal", Signal, func(o *listenerOptions) **AbortSignal { return &o.signal }))

	// addOptions is (AddEventListenerOptions or boolean): https://dom.spec.whatwg.org/#event-flatten-more
	addOptions = flatten("AddEventListenerOptions",
		func(js *webidl.Realm, o *goja.Object) (listenerOptions, error) { return optionsDict.Convert(js, o) },
		func(capture bool) listenerOptions { return listenerOptions{capture: capture} })

	// removeOptions is (EventListenerOptions or boolean): https://dom.spec.whatwg.org/#concept-flatten-options
	removeOptions = flatten("EventListenerOptions",
		func(_ *webidl.Realm, o *goja.Object) (bool, error) {
			capture := o.Get("capture")
			return capture != nil && capture.ToBoolean(), nil
		},
		func(capture bool) bool { return capture })
)

// flatten is the type of an optional argument that is a dictionary or only its capture member.
func flatten[O any](name string, dictionary func(*webidl.Realm, *goja.Object) (O, error), boolean func(bool) O) webidl.Type[O] {
	either := webidl.NewType(name, func(js *webidl.Realm, v goja.Value) (O, error) {
		if o, ok := v.(*goja.Object); ok {
			return dictionary(js, o)
		}
		return boolean(v.ToBoolean()), nil // null and undefined are empty dictionaries
	})
	return webidl.Default(either, boolean(false))
}
