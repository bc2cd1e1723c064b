package streams_test

import (
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
)

// What the standard says, told by scripts; web-platform-tests cover the rest.
func TestStandard(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		// ReadableStream.from
		{"from array", `collect(ReadableStream.from(["a", Promise.resolve("b"), "c"])).then(l => note(l.join("")))`, "abc"},
		{"from string", `collect(ReadableStream.from("añb")).then(l => note(l.join("|")))`, "a|ñ|b"},
		{"from generator", `collect(ReadableStream.from((function* () { yield 1; yield 2 })())).then(l => note(l.join("|")))`, "1|2"},
		{"from stream", `collect(ReadableStream.from(ReadableStream.from([1, 2]))).then(l => note(l.join("|")))`, "1|2"},
		{"from async iterator", `var i = 0; collect(ReadableStream.from({ [Symbol.asyncIterator]() { return { next() { return Promise.resolve({ done: i == 2, value: i++ }) } } } })).then(l => note(l.join("|")))`, "0|1"},
		{"from null", `for (var x of [null, undefined, 1, true, {}, Symbol(), { [Symbol.asyncIterator]: 1 }, { [Symbol.iterator]: () => 1 }]) try { ReadableStream.from(x); note("taken") } catch (e) { note(e.constructor.name) }`,
			"TypeError TypeError TypeError TypeError TypeError TypeError TypeError TypeError"},
		{"from throws", `try { ReadableStream.from({ [Symbol.iterator]() { throw "mine" } }) } catch (e) { note(e) }`, "mine"},
		{"from is lazy", `ReadableStream.from({ [Symbol.iterator]() { return { get next() { note("got"); return () => note("called") } } } }); Promise.resolve().then(() => note("later"))`, "got later"},
		{"from next rejects", `collect(ReadableStream.from({ [Symbol.asyncIterator]() { return { next() { return Promise.reject("no") } } } })).catch(note)`, "no"},
		{"from next returns no object", `collect(ReadableStream.from({ [Symbol.asyncIterator]() { return { next() { return 1 } } } })).catch(e => note(e.constructor.name))`, "TypeError"},
		{"from value rejects", `collect(ReadableStream.from({ [Symbol.iterator]() { return { next() { return { value: Promise.reject("no"), done: false } }, return() { note("closed") } } } })).catch(note)`, "closed no"},
		{"from cancel", `ReadableStream.from({ [Symbol.asyncIterator]() { return { next() {}, return(r) { note("return " + r); return Promise.resolve({}) } } } }).cancel("why").then(v => note(String(v)))`, "return why undefined"},
		{"from cancel without return", `ReadableStream.from([1]).cancel().then(() => note("fine"))`, "fine"},
		{"from cancel return of no object", `ReadableStream.from({ [Symbol.asyncIterator]() { return { next() {}, return() { return 1 } } } }).cancel().catch(e => note(e.constructor.name))`, "TypeError"},

		// read({ min }) and Workers' readAtLeast
		{"min", `var s = new ReadableStream({ type: "bytes", pull(c) { note("pull"); var v = c.byobRequest.view; v[0] = 65 + i++; c.byobRequest.respond(1) } });
			s.getReader({ mode: "byob" }).read(new Uint8Array(5), { min: 3 }).then(r => note(text(r.value)))`, "pull pull pull ABC"},
		{"readAtLeast", `new ReadableStream({ type: "bytes", pull(c) { var v = c.byobRequest.view; note(c.byobRequest.atLeast); v[0] = 65 + i++; c.byobRequest.respond(1) } })
			.getReader({ mode: "byob" }).readAtLeast(2, new Uint8Array(5)).then(r => note(text(r.value)))`, "2 1 AB"},
		{"min of elements", `new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([1, 0, 2])); c.enqueue(new Uint8Array([0, 3, 0, 4])) } })
			.getReader({ mode: "byob" }).read(new Uint16Array(3), { min: 2 }).then(r => note(r.value.join()))`, "1,2,3"},
		{"min too large", `new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" }).read(new Uint8Array(2), { min: 3 }).catch(e => note(e.constructor.name))`, "RangeError"},
		{"min zero", `new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" }).read(new Uint8Array(2), { min: 0 }).catch(e => note(e.constructor.name))`, "TypeError"},
		{"min with close", `var s = new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([1])); c.close() } });
			s.getReader({ mode: "byob" }).read(new Uint8Array(2), { min: 2 }).then(r => note(r.done), e => note(e.constructor.name))`, "TypeError"},

		// releasing with reads under way
		{"release", `var r = new ReadableStream().getReader(); r.read().catch(e => note("read " + e.constructor.name)); r.closed.catch(e => note("closed " + e.constructor.name)); r.releaseLock(); note("released")`,
			"released closed TypeError read TypeError"},
		{"release byob", `var c, s = new ReadableStream({ type: "bytes", autoAllocateChunkSize: 4, start(x) { c = x } }); var r = s.getReader({ mode: "byob" });
			r.read(new Uint8Array(2)).catch(() => note("first")); r.releaseLock();
			s.getReader().read().then(r => note(text(r.value))); c.byobRequest.view[0] = 65; c.byobRequest.respond(1)`, "first A"},

		// transformer.cancel
		{"cancel readable", `var t = new TransformStream({ cancel(r) { note("cancel " + r) } }); t.readable.cancel("why").then(() => note("done")); t.writable.getWriter().closed.catch(note)`, "cancel why why done"},
		{"cancel throws", `var t = new TransformStream({ cancel() { throw "bad" } }); t.readable.cancel().catch(e => note("cancel " + e)); t.writable.getWriter().closed.catch(e => note("closed " + e))`, "closed bad cancel bad"},
		{"abort writable", `var t = new TransformStream({ cancel(r) { note("cancel " + r) } }); t.writable.abort("why").then(() => note("done")); t.readable.getReader().closed.catch(note)`, "cancel why why done"},
		{"abort throws", `var t = new TransformStream({ cancel() { throw "bad" } }); t.writable.abort("why").catch(e => note("abort " + e)); t.readable.getReader().closed.catch(e => note("closed " + e))`, "closed bad abort bad"},
		{"no cancel after flush", `var t = new TransformStream({ flush() { note("flush") }, cancel() { note("cancel") } }); var p = t.writable.close(); t.readable.getReader().read().then(() => t.writable.abort()).then(() => note("end"))`, "flush end"},

		// hostile scripts
		{"closing while sizing", `var c; var s = new ReadableStream({ start(x) { c = x } }, { size() { c.error("in size"); return 1 }, highWaterMark: 1 }); c.enqueue(1); s.getReader().read().catch(note)`, "in size"},
		{"detached by a getter", `var s = new ReadableStream({ type: "bytes" }); var v = new Uint8Array(4);
			s.getReader({ mode: "byob" }).read(v, { get min() { return 1 } }); note(v.byteLength)`, "0"},
		{"huge allocation", `new ReadableStream({ type: "bytes", autoAllocateChunkSize: 2 ** 52 }).getReader().read().catch(e => note(e.constructor.name))`, "RangeError"},
		{"iterator", `var it = ReadableStream.from([1, 2, 3]).values(); Promise.all([it.next(), it.next(), it.return("x"), it.next()]).then(l => note(JSON.stringify(l)))`,
			`[{"value":1,"done":false},{"value":2,"done":false},{"value":"x","done":true},{"done":true}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			ecma.Install(r.js, nil)
			r.run(t, "var i = 0;"+readLoop+c.script)
			if got := r.text(); got != c.want {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}
