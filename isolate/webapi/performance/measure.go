package performance

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/hrtime"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A moment is (DOMString or DOMHighResTimeStamp): the name of a mark, or a time.
type moment struct {
	mark string
	time float64
	name bool
}

var momentType = webidl.NewType("(DOMString or DOMHighResTimeStamp)", func(js *webidl.Realm, v goja.Value) (m moment, err error) {
	if goja.IsNumber(v) {
		m.time, err = webidl.Double.Convert(js, v)
		return m, err
	}
	m.name = true
	m.mark, err = webidl.DOMString.Convert(js, v)
	return m, err
})

// at is https://w3c.github.io/user-timing/#convert-a-mark-to-a-timestamp
func (m moment) at(js *webidl.Realm) (float64, error) {
	if !m.name {
		if m.time < 0 {
			return 0, webidl.TypeError("'%v' is negative.", m.time)
		}
		return m.time, nil
	}
	entries := timelineOf(js).entries
	for i := len(entries) - 1; i >= 0; i-- {
		if e := entries[i].state(); e.kind == "mark" && e.name == m.mark {
			return e.start, nil
		}
	}
	return 0, webidl.DOMError("SyntaxError", "The mark '%s' does not exist.", m.mark)
}

// measureOptions is the dictionary PerformanceMeasureOptions, or the name of the start mark.
type measureOptions struct {
	startMark  webidl.Opt[string]
	detail     webidl.Opt[goja.Value]
	start, end webidl.Opt[moment]
	duration   webidl.Opt[float64]
}

var measureDict = webidl.Dict("PerformanceMeasureOptions", measureOptions{},
	webidl.May("detail", webidl.Any, func(o *measureOptions) *webidl.Opt[goja.Value] { return &o.detail }),
	webidl.May("start", momentType, func(o *measureOptions) *webidl.Opt[moment] { return &o.start }),
	webidl.May("duration", webidl.Double, func(o *measureOptions) *webidl.Opt[float64] { return &o.duration }),
	webidl.May("end", momentType, func(o *measureOptions) *webidl.Opt[moment] { return &o.end }))

var measureStart = webidl.Default(webidl.NewType("(DOMString or PerformanceMeasureOptions)", func(js *webidl.Realm, v goja.Value) (o measureOptions, err error) {
	if _, object := v.(*goja.Object); object || goja.IsNull(v) || goja.IsUndefined(v) {
		return measureDict.Convert(js, v)
	}
	o.startMark.Value, err = webidl.DOMString.Convert(js, v)
	o.startMark.Set = err == nil
	return o, err
}), measureOptions{})

// https://w3c.github.io/user-timing/#dom-performance-measure
func (*performance) measure(js *webidl.Realm, name string, o measureOptions, endMark webidl.Opt[string]) (*goja.Object, error) {
	// 1. Options that contradict each other.
	if o.start.Set || o.end.Set || o.duration.Set || o.detail.Set {
		switch {
		case endMark.Set:
			return nil, webidl.TypeError("If a non-empty PerformanceMeasureOptions object was passed, |end_mark| must not be passed.")
		case !o.start.Set && !o.end.Set:
			return nil, webidl.TypeError("If a non-empty PerformanceMeasureOptions object was passed, at least one of its 'start' or 'end' properties must be present.")
		case o.start.Set && o.end.Set && o.duration.Set:
			return nil, webidl.TypeError("If a non-empty PerformanceMeasureOptions object was passed, it must not have all of its 'start', 'duration', and 'end' properties defined")
		}
	}
	m := &measure{entry{name: name, kind: "measure"}}
	// 2. The end time.
	var end float64
	var err error
	switch {
	case endMark.Set:
		end, err = moment{mark: endMark.Value, name: true}.at(js)
	case o.end.Set:
		end, err = o.end.Value.at(js)
	case o.start.Set && o.duration.Set:
		if end, err = o.start.Value.at(js); err == nil {
			end, err = moment{time: end + o.duration.Value}.at(js)
		}
	default:
		end = hrtime.Now(js)
	}
	if err != nil {
		return nil, err
	}
	// 3. The start time.
	switch {
	case o.start.Set:
		m.start, err = o.start.Value.at(js)
	case o.end.Set && o.duration.Set:
		m.start, err = moment{time: end - o.duration.Value}.at(js)
	case o.startMark.Set:
		m.start, err = moment{mark: o.startMark.Value, name: true}.at(js)
	}
	if err != nil {
		return nil, err
	}
	m.duration = end - m.start
	if m.detail, err = copyDetail(js, o.detail.Value); err != nil {
		return nil, err
	}
	timelineOf(js).add(js, m)
	return anyEntry(m).wrap(js), nil
}
