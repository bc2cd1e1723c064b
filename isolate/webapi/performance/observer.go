package performance

import (
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// entryTypes are the kinds of entries that there are.
var entryTypes = []string{"mark", "measure"}

type observer struct {
	webidl.Handle
	callback *webidl.Callback
	single   bool // observes by type, one at a time
	multiple bool // observes by entryTypes
	kinds    []string
	buffer   []anyEntry
}

type observerInit struct {
	entryTypes webidl.Opt[[]string]
	kind       webidl.Opt[string]
	buffered   bool
}

// PerformanceObserver is the PerformanceObserver interface: https://w3c.github.io/performance-timeline/#the-performanceobserver-interface
var PerformanceObserver = &webidl.Class[*observer]{
	Name: "PerformanceObserver",
	Constructor: webidl.New1(func(_ *webidl.Realm, f *webidl.Callback) (*observer, error) {
		return &observer{callback: f}, nil
	}, webidl.CallbackFunction),
	Members: []webidl.Member[*observer]{
		webidl.Proc1("observe", (*observer).observe, webidl.Dict("PerformanceObserverInit", observerInit{},
			webidl.May("entryTypes", webidl.Sequence(webidl.DOMString), func(o *observerInit) *webidl.Opt[[]string] { return &o.entryTypes }),
			webidl.May("type", webidl.DOMString, func(o *observerInit) *webidl.Opt[string] { return &o.kind }),
			webidl.Has("buffered", webidl.Boolean, func(o *observerInit) *bool { return &o.buffered }))),
		webidl.Proc0("disconnect", (*observer).disconnect),
		webidl.Op0("takeRecords", (*observer).takeRecords),
		webidl.StaticReadOnly[*observer]("supportedEntryTypes", supportedEntryTypes),
	},
}

type supportedKey struct{ _ byte }

var supportedSlot supportedKey

func supportedEntryTypes(js *webidl.Realm) (*goja.Object, error) {
	return webidl.Slot(js, &supportedSlot, func() *goja.Object {
		return js.Freeze(js.Strings(entryTypes).(*goja.Object))
	}), nil
}

func (o *observer) wants(kind string) bool { return slices.Contains(o.kinds, kind) }

// https://w3c.github.io/performance-timeline/#observe-method
func (o *observer) observe(js *webidl.Realm, init observerInit) error {
	switch {
	case !init.entryTypes.Set && !init.kind.Set:
		return webidl.TypeError("An observe() call must include either entryTypes or type arguments.")
	case init.entryTypes.Set && init.kind.Set:
		return webidl.TypeError("An observe() call must not include both entryTypes and type arguments.")
	case init.entryTypes.Set && o.single:
		return webidl.DOMError("InvalidModificationError", "This PerformanceObserver has performed observe({type:...}, therefore it cannot perform observe({entryTypes:...})")
	case init.kind.Set && o.multiple:
		return webidl.DOMError("InvalidModificationError", "This PerformanceObserver has performed observe({entryTypes:...}, therefore it cannot perform observe({type:...})")
	}
	t := timelineOf(js)
	if init.entryTypes.Set {
		o.multiple = true
		var kinds []string
		for _, k := range init.entryTypes.Value {
			if slices.Contains(entryTypes, k) {
				kinds = append(kinds, k)
			}
		}
		if len(kinds) == 0 {
			return nil
		}
		o.kinds = kinds
		t.watch(o)
		return nil
	}
	o.single = true
	kind := init.kind.Value
	if !slices.Contains(entryTypes, kind) {
		return nil
	}
	if !o.wants(kind) {
		o.kinds = append(o.kinds, kind)
	}
	t.watch(o)
	if init.buffered {
		for _, e := range t.entries {
			if e.state().kind == kind {
				o.buffer = append(o.buffer, e)
			}
		}
		t.notify(js)
	}
	return nil
}

func (t *timeline) watch(o *observer) {
	if !slices.Contains(t.observers, o) {
		t.observers = append(t.observers, o)
	}
}

// https://w3c.github.io/performance-timeline/#disconnect-method
func (o *observer) disconnect(js *webidl.Realm) error {
	t := timelineOf(js)
	t.observers = slices.DeleteFunc(t.observers, func(x *observer) bool { return x == o })
	o.buffer, o.kinds, o.single, o.multiple = nil, nil, false, false
	return nil
}

// https://w3c.github.io/performance-timeline/#takerecords-method
func (o *observer) takeRecords(js *webidl.Realm) (*goja.Object, error) {
	entries := o.buffer
	o.buffer = nil
	return list(js, entries, webidl.Opt[string]{}, webidl.Opt[string]{}), nil
}

func (o *observer) call(js *webidl.Realm) {
	if len(o.buffer) == 0 {
		return
	}
	l := &entryList{entries: o.buffer}
	o.buffer = nil
	if _, err := o.callback.Call(o.Object(), l.wrap(js), o.Object()); err != nil {
		dom.ReportError(js, err)
	}
}

// entryList is what an observer's callback is given.
type entryList struct {
	webidl.Handle
	entries []anyEntry
}

func (l *entryList) wrap(js *webidl.Realm) *goja.Object {
	return PerformanceObserverEntryList.Wrap(js, l)
}

// PerformanceObserverEntryList is the interface of the same name: https://w3c.github.io/performance-timeline/#performanceobserverentrylist-interface
var PerformanceObserverEntryList = &webidl.Class[*entryList]{
	Name: "PerformanceObserverEntryList",
	Members: []webidl.Member[*entryList]{
		webidl.Op0("getEntries", func(l *entryList, js *webidl.Realm) (*goja.Object, error) {
			return list(js, l.entries, webidl.Opt[string]{}, webidl.Opt[string]{}), nil
		}),
		webidl.Op1("getEntriesByType", func(l *entryList, js *webidl.Realm, kind string) (*goja.Object, error) {
			return list(js, l.entries, webidl.Opt[string]{}, webidl.Some(kind)), nil
		}, webidl.DOMString),
		webidl.Op2("getEntriesByName", func(l *entryList, js *webidl.Realm, name string, kind webidl.Opt[string]) (*goja.Object, error) {
			return list(js, l.entries, webidl.Some(name), kind), nil
		}, webidl.DOMString, webidl.Optional(webidl.DOMString)),
	},
}
