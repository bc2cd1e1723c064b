package performance_test

import (
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/performance"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestPerformance(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"now", `performance.now(); pass(5); performance.now()`, "5.125"},
		{"origin", `performance.timeOrigin`, "999.875"},
		{"JSON", `JSON.stringify(performance)`, `{"timeOrigin":999.875}`},
		{"mark", `performance.now(); pass(2); var m = performance.mark("a", {detail: {x: 1}}); [m.name, m.entryType, m.startTime, m.duration, m.detail.x, m instanceof PerformanceEntry].join()`, "a,mark,2.125,0,1,true"},
		{"mark at", `performance.mark("a", {startTime: 7}).startTime`, "7"},
		{"negative mark", `try { performance.mark("a", {startTime: -1}) } catch (e) { e.name }`, "TypeError"},
		{"unclonable detail", `try { performance.mark("a", {detail: () => {}}) } catch (e) { e.name }`, "DataCloneError"},
		{"measure", `performance.mark("a", {startTime: 1}); performance.mark("b", {startTime: 4}); var m = performance.measure("m", "a", "b"); [m.startTime, m.duration, m.detail].join()`, "1,3,"},
		{"measure options", `var m = performance.measure("m", {start: 2, duration: 5, detail: 9}); [m.startTime, m.duration, m.detail].join()`, "2,5,9"},
		{"measure from the end", `performance.measure("m", {end: 7, duration: 5}).startTime`, "2"},
		{"measure of an unknown mark", `try { performance.measure("m", "nope") } catch (e) { e.name }`, "SyntaxError"},
		{"too many options", `try { performance.measure("m", {start: 1, end: 2, duration: 3}) } catch (e) { e.name }`, "TypeError"},
		{"entries", `performance.mark("b", {startTime: 5}); performance.mark("a", {startTime: 1}); performance.measure("m"); performance.getEntries().map(e => e.name).join() + performance.getEntriesByType("mark").length + performance.getEntriesByName("b", "mark").length`, "m,a,b21"},
		{"clear", `performance.mark("a"); performance.mark("b"); performance.clearMarks("a"); performance.getEntries().length`, "1"},
		{"constructor", `new PerformanceMark("x").name`, "x"},
		{"supported", `PerformanceObserver.supportedEntryTypes.join() + (PerformanceObserver.supportedEntryTypes === PerformanceObserver.supportedEntryTypes)`, "mark,measuretrue"},
		{"observe nothing", `try { new PerformanceObserver(() => {}).observe({}) } catch (e) { e.name }`, "TypeError"},
		{"event target", `performance instanceof EventTarget`, "true"},
		{"navigator", `[navigator.userAgent, navigator.language, typeof navigator.hardwareConcurrency].join()`, "Cloudflare-Workers,en,number"},
		{"self", `self === globalThis && global === self`, "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := eventloop.NewVirtualClock(time.UnixMilli(1000))
			js := newRealm(clock)
			js.VM.Set("pass", func(ms int) { clock.Advance(time.Duration(ms) * time.Millisecond) })
			v, err := js.VM.RunString(c.js)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func newRealm(clock eventloop.Clock) *webidl.Realm {
	return webidl.NewRealm(goja.New(), webidl.Options{
		Loop:    eventloop.New(eventloop.Options{Clock: clock}),
		Globals: webidl.NewGlobals(dom.Globals, performance.Globals),
	})
}

func TestObserver(t *testing.T) {
	js := newRealm(eventloop.NewVirtualClock(time.UnixMilli(1000)))
	for _, step := range []struct{ js, want string }{
		{`var got = [], o = new PerformanceObserver((list, self) => got.push(list.getEntries().map(e => e.name).join() + (self === o))); performance.mark("early"); o.observe({type: "mark", buffered: true}); 0`, "0"},
		{`got.join()`, "earlytrue"},
		{`performance.mark("a"); performance.measure("m"); o.takeRecords().length`, "1"},
		{`o.disconnect(); performance.mark("b"); 0`, "0"},
		{`got.join()`, "earlytrue"},
		{`try { o.observe({type: "mark"}); o.observe({entryTypes: ["mark"]}) } catch (e) { e.name }`, "InvalidModificationError"},
	} {
		var v goja.Value
		var err error
		if e := js.Loop.Do(&eventloop.Task{Run: func() { v, err = js.VM.RunString(step.js) }}); e != nil || err != nil {
			t.Fatal(e, err)
		}
		if got := v.String(); got != step.want {
			t.Errorf("%s: got %s, want %s", step.js, got, step.want)
		}
	}
}
