package performance

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/clone"
	"github.com/mayfly-edge/mayfly/isolate/webapi/hrtime"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// entry is the state of every performance entry.
type entry struct {
	webidl.Handle
	name, kind      string
	start, duration float64
	detail          goja.Value // of marks and measures
}

// anyEntry is an entry of any class.
type anyEntry interface {
	state() *entry
	wrap(js *webidl.Realm) *goja.Object
}

func (e *entry) state() *entry { return e }

type mark struct{ entry }

func (m *mark) wrap(js *webidl.Realm) *goja.Object { return PerformanceMark.Wrap(js, m) }

type measure struct{ entry }

func (m *measure) wrap(js *webidl.Realm) *goja.Object { return PerformanceMeasure.Wrap(js, m) }

// PerformanceEntry is the PerformanceEntry interface: https://w3c.github.io/performance-timeline/#the-performanceentry-interface
var PerformanceEntry = &webidl.Class[anyEntry]{
	Name: "PerformanceEntry",
	Members: []webidl.Member[anyEntry]{
		webidl.ReadOnly("name", func(e anyEntry, _ *webidl.Realm) (string, error) { return e.state().name, nil }),
		webidl.ReadOnly("entryType", func(e anyEntry, _ *webidl.Realm) (string, error) { return e.state().kind, nil }),
		webidl.ReadOnly("startTime", func(e anyEntry, _ *webidl.Realm) (float64, error) { return e.state().start, nil }),
		webidl.ReadOnly("duration", func(e anyEntry, _ *webidl.Realm) (float64, error) { return e.state().duration, nil }),
		webidl.Op0("toJSON", entryJSON),
	},
}

// https://w3c.github.io/performance-timeline/#dom-performanceentry-tojson
func entryJSON(any anyEntry, js *webidl.Realm) (*goja.Object, error) {
	e := any.state()
	o := js.VM.NewObject()
	for _, p := range []struct {
		name  string
		value goja.Value
	}{{"name", js.String(e.name)}, {"entryType", js.String(e.kind)}, {"startTime", js.VM.ToValue(e.start)}, {"duration", js.VM.ToValue(e.duration)}} {
		if err := o.Set(p.name, p.value); err != nil {
			return nil, err
		}
	}
	if e.detail != nil {
		if err := o.Set("detail", e.detail); err != nil {
			return nil, err
		}
	}
	return o, nil
}

type markOptions struct {
	detail goja.Value
	start  webidl.Opt[float64]
}

var markOptionsDict = webidl.Dict("PerformanceMarkOptions", markOptions{},
	webidl.Has("detail", webidl.Any, func(o *markOptions) *goja.Value { return &o.detail }),
	webidl.May("startTime", webidl.Double, func(o *markOptions) *webidl.Opt[float64] { return &o.start }))

// PerformanceMark is the PerformanceMark interface: https://w3c.github.io/user-timing/#performancemark
var PerformanceMark = &webidl.Class[*mark]{
	Name:        "PerformanceMark",
	Extends:     PerformanceEntry,
	Constructor: webidl.New2(newMark, webidl.DOMString, markOptionsDict),
	Members: []webidl.Member[*mark]{
		webidl.ReadOnly("detail", func(m *mark, _ *webidl.Realm) (goja.Value, error) { return m.detail, nil }),
	},
}

// https://w3c.github.io/user-timing/#the-performancemark-constructor
func newMark(js *webidl.Realm, name string, o markOptions) (*mark, error) {
	m := &mark{entry{name: name, kind: "mark"}}
	// 5. The start time.
	if m.start = o.start.Value; !o.start.Set {
		m.start = hrtime.Now(js)
	} else if m.start < 0 {
		return nil, webidl.TypeError("'%s' cannot have a negative start time.", name)
	}
	// 7. The detail.
	var err error
	m.detail, err = copyDetail(js, o.detail)
	return m, err
}

func copyDetail(js *webidl.Realm, v goja.Value) (goja.Value, error) {
	if v == nil || goja.IsNull(v) {
		return goja.Null(), nil
	}
	m, err := clone.Write(js, v, nil)
	if err != nil {
		return nil, err
	}
	v, _, err = m.Read(js)
	return v, err
}

// PerformanceMeasure is the PerformanceMeasure interface: https://w3c.github.io/user-timing/#performancemeasure
var PerformanceMeasure = &webidl.Class[*measure]{
	Name:    "PerformanceMeasure",
	Extends: PerformanceEntry,
	Members: []webidl.Member[*measure]{
		webidl.ReadOnly("detail", func(m *measure, _ *webidl.Realm) (goja.Value, error) { return m.detail, nil }),
	},
}
