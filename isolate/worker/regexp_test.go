package worker_test

import (
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// TestRegExpSource checks that literals show what their author wrote.
func TestRegExpSource(t *testing.T) {
	for _, c := range []struct{ js, want string }{
		{`/^\p{Lu}+$/u.source`, `^\p{Lu}+$`},
		{`"" + /\p{L}/giu + /[/]\/\P{L}/u + /a(?i:b)/ + /x/g`, `/\p{L}/giu/[/]\/\P{L}/u/a(?i:b)//x/g`},
		// Both are the same to the engine.
		{`/\p{L}/u.source + /\p{Letter}/u.source + /\p{L}/u.test("é") + /\p{Letter}/u.test("1")`, `\p{L}\p{Letter}truefalse`},
		{`[/\p{L}/u, /[\p{L}--[a-z]]/v, /\p{L}(?<n>.)/d].map(r => r.source).join()`, `\p{L},[\p{L}--[a-z]],\p{L}(?<n>.)`},
		{`const r = /\p{L}+/u, copy = new r.constructor(r), again = new r.constructor(r.source, r.flags + "g"); copy.source + again + copy.test("é") + "é1à".replace(again, "x")`, `\p{L}+/\p{L}+/gutruex1x`},
		{`const r = /^\p{L}/u, plain = new r.constructor(r, ""); plain + plain.test("é") + plain.test("p{L}")`, `/^\p{L}/falsetrue`},
		{`"a1b".split(/\P{L}/u) + [..."é1".matchAll(/\p{L}/gu)].join()`, `a,bé`},
		{`Object.getOwnPropertyNames(/\p{L}/u) + Reflect.ownKeys(/\p{L}/u).length`, `lastIndex1`},
		{`structuredClone(/\p{L}/u).source`, `\p{L}`},
	} {
		// The text does not mention the constructor: literals alone make it known.
		out := &world{}
		w := load(t, module("const f = () => { "+lastReturned(c.js)+" }; export default { fetch() { return new Response(f()) } }"), worker.Spec{})
		res, err := w.Fetch(worker.Event{Outside: loop{out, w}}, &outside.Request{Method: "GET", URL: "https://h.example/"})
		if err != nil {
			t.Errorf("%s: %v", c.js, err)
			continue
		}
		if got := string(res.Body.Bytes); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.js, got, c.want)
		}
	}
}

// lastReturned returns the statements with the value of the last one returned.
func lastReturned(js string) string {
	i := strings.LastIndex(js, "; ") + 1
	return js[:i] + " return " + js[i:]
}
