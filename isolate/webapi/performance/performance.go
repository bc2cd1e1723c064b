package performance

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/hrtime"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Globals are the names that the package puts in the global scope.
var Globals = []webidl.Global{
	webidl.Expose(Performance),
	webidl.Expose(PerformanceEntry),
	webidl.Expose(PerformanceMark),
	webidl.Expose(PerformanceMeasure),
	webidl.Expose(PerformanceObserver),
	webidl.Expose(PerformanceObserverEntryList),
	webidl.Expose(Navigator),
	webidl.GlobalObject("performance", func(js *webidl.Realm) goja.Value { return Performance.Wrap(js, &performance{}) }),
	webidl.GlobalObject("navigator", func(js *webidl.Realm) goja.Value { return Navigator.Wrap(js, &navigator{}) }),
	webidl.GlobalObject("self", func(js *webidl.Realm) goja.Value { return js.VM.GlobalObject() }),
	webidl.GlobalObject("global", func(js *webidl.Realm) goja.Value { return js.VM.GlobalObject() }),
	// A worker has no origin of its own (https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin).
	webidl.GlobalObject("origin", func(js *webidl.Realm) goja.Value { return js.String("null") }),
}

type performance struct{ dom.EventTarget }

// Performance is the Performance interface: https://w3c.github.io/hr-time/#sec-performance
var Performance = &webidl.Class[*performance]{
	Name:    "Performance",
	Extends: dom.EventTargetClass,
	Members: []webidl.Member[*performance]{
		webidl.Op0("now", func(_ *performance, js *webidl.Realm) (float64, error) { return hrtime.Now(js), nil }),
		webidl.ReadOnly("timeOrigin", func(_ *performance, js *webidl.Realm) (float64, error) { return hrtime.OriginTimestamp(js), nil }),
		webidl.Op0("toJSON", (*performance).toJSON),
		webidl.Op0("getEntries", func(_ *performance, js *webidl.Realm) (*goja.Object, error) {
			return list(js, timelineOf(js).entries, webidl.Opt[string]{}, webidl.Opt[string]{}), nil
		}),
		webidl.Op1("getEntriesByType", func(_ *performance, js *webidl.Realm, kind string) (*goja.Object, error) {
			return list(js, timelineOf(js).entries, webidl.Opt[string]{}, webidl.Some(kind)), nil
		}, webidl.DOMString),
		webidl.Op2("getEntriesByName", func(_ *performance, js *webidl.Realm, name string, kind webidl.Opt[string]) (*goja.Object, error) {
			return list(js, timelineOf(js).entries, webidl.Some(name), kind), nil
		}, webidl.DOMString, webidl.Optional(webidl.DOMString)),
		webidl.Op2("mark", (*performance).mark, webidl.DOMString, markOptionsDict),
		webidl.Proc1("clearMarks", func(_ *performance, js *webidl.Realm, name webidl.Opt[string]) error {
			timelineOf(js).clear("mark", name)
			return nil
		}, webidl.Optional(webidl.DOMString)),
		webidl.Op3("measure", (*performance).measure, webidl.DOMString, measureStart, webidl.Optional(webidl.DOMString)),
		webidl.Proc1("clearMeasures", func(_ *performance, js *webidl.Realm, name webidl.Opt[string]) error {
			timelineOf(js).clear("measure", name)
			return nil
		}, webidl.Optional(webidl.DOMString)),
	},
}

// https://w3c.github.io/hr-time/#tojson-method
func (*performance) toJSON(js *webidl.Realm) (*goja.Object, error) {
	o := js.VM.NewObject()
	return o, o.Set("timeOrigin", hrtime.OriginTimestamp(js))
}

// https://w3c.github.io/user-timing/#dom-performance-mark
func (*performance) mark(js *webidl.Realm, name string, o markOptions) (*goja.Object, error) {
	m, err := newMark(js, name, o)
	if err != nil {
		return nil, err
	}
	timelineOf(js).add(js, m)
	return m.wrap(js), nil
}
