package htmlrewriter_test

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/htmlrewriter"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var globals = webidl.NewGlobals(dom.Globals, streams.Globals, encoding.Globals, url.Globals, fetch.Globals, htmlrewriter.Globals)

// prelude: rewrite(html, selector, handlers) resolves with the transformed text; stale is
// what the use of a token after its handler throws; chunks makes a stream of strings.
const prelude = `
	function rewrite(html, selector, handlers) {
		return new HTMLRewriter().on(selector, handlers).transform(new Response(html)).text();
	}
	function chunks(...list) {
		var e = new TextEncoder();
		return new ReadableStream({ pull(c) { list.length ? c.enqueue(e.encode(list.shift())) : c.close() } });
	}
	async function message(f) { try { await f(); return "nothing thrown" } catch (e) { return e.constructor.name + ": " + e.message } }
	var stale = "TypeError: This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.";
`

// newLoop returns a realm and a channel that tells when nothing can happen in it any more.
func newLoop() (*webidl.Realm, <-chan struct{}) {
	drained := make(chan struct{}, 1)
	loop := eventloop.New(eventloop.Options{Clock: eventloop.NewVirtualClock(eventloop.SystemClock{}.Now()), Drained: func() {
		select {
		case drained <- struct{}{}:
		default:
		}
	}})
	vm := goja.New()
	js := webidl.NewRealm(vm, webidl.Options{Loop: loop, Globals: globals})
	return js, drained
}

// evaluate runs the body of an async function to its end.
func evaluate(t *testing.T, script string) string {
	t.Helper()
	js, drained := newLoop()
	got := "never settled"
	err := js.Loop.Do(&eventloop.Task{Run: func() {
		ecma.Install(js, func(string) bool { return true })
		js.VM.Set("out", func(s string) { got = s })
		// What comes from a goroutine is waited for between hold and release.
		js.VM.Set("hold", func() { js.Loop.Begin() })
		js.VM.Set("release", func() { js.Loop.Complete(nil) })
		if _, err := js.VM.RunString(prelude + `(async () => { ` + script + ` })().then(v => out(String(v)), e => out(String(e)))`); err != nil {
			t.Error(err)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	<-drained
	return got
}

func TestHTMLRewriter(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"element", `return rewrite("<p a=1>x</p>", "p", { element(e) { e.setAttribute("b", e.getAttribute("A") + '"').prepend("<").append("<i>", { html: true }) } })`,
			`<p a=1 b="1&quot;">&lt;x<i></p>`},
		{"chained", `return new HTMLRewriter().on("b", { element(e) { e.remove() } }).on("i", { element(e) { e.replace("I") } }).transform(new Response("<b>1</b><i>2</i>")).text()`, "I"},
		{"on returns itself", `var r = new HTMLRewriter(); return (r.on("a", {}) === r) + "" + (r.onDocument({}) === r)`, "truetrue"},
		{"order of handlers", `var s = ""; await new HTMLRewriter().on("b", { element() { s += 1 } }).on("*", { async element() { await null; s += 2 } }).on("b", { element() { s += 3 } }).transform(new Response("<b>")).text(); return s`, "123"},
		{"async handlers", `return rewrite("<a></a><a></a>", "a", { async element(e) { for (var i = 0; i < 5; i++) await i; e.append("x") } })`, "<a>x</a><a>x</a>"},
		{"thenable", `return rewrite("<a></a>", "a", { element(e) { return { then(f) { e.append("x"); f() } } } })`, "<a>x</a>"},
		{"this", `var h = { n: 0, element() { this.n++ } }; await rewrite("<a><a>", "a", h); return h.n`, "2"},
		{"attributes", `var s; await rewrite("<a B=1 c d='&amp;'>", "a", { element(e) { s = [...e.attributes].join("|") + e.hasAttribute("C") + e.getAttribute("x") + e.removeAttribute("b").hasAttribute("b") } }); return s`, "b,1|c,|d,&amp;truenullfalse"},
		{"attributes change", `var s; await rewrite("<a b c>", "a", { async element(e) { var i = e.attributes; i.next(); e.setAttribute("x", ""); s = await message(() => i.next()) } }); return s`,
			"Error: The attributes of this element have been modified during iteration. You must create a new iterator after modifying attributes."},
		{"tagName", `return rewrite("<A>x</A>", "a", { element(e) { e.tagName += "b" } })`, "<ab>x</ab>"},
		{"bad tagName", `return message(() => rewrite("<a>", "a", { element(e) { e.tagName = "a b" } }))`, "TypeError: Parser error: ` ` character is forbidden in the tag name"},
		{"namespaceURI", `var s = ""; await rewrite("<a><svg><a/><foreignObject><p>", "*", { element(e) { s += e.namespaceURI.slice(-4) } }); return s`, "html/svg/svg/svghtml"},
		{"removed", `var s = ""; await rewrite("<a><b></b></a>", "*", { element(e) { s += e.removed; e.remove(); s += e.removed } }); return s`, "falsetruetruetrue"},
		{"text", `var s = []; await rewrite("<a>x<b>y</b>z</a>w", "a", { text(t) { s.push(t.text + t.lastInTextNode) } }); return s`, "xfalse,true,yfalse,true,zfalse,true"},
		{"text mutations", `return rewrite("<a>x</a>", "a", { text(t) { if (t.lastInTextNode) t.before("L"); else t.before("1").before("2").after("3").after("4").replace("<") } })`, "<a>12&lt;43L</a>"},
		{"text removed", `return rewrite("<a>x<b>y</b></a>", "a", { text(t) { t.remove() } })`, "<a><b></b></a>"},
		{"comments", `return rewrite("<a><!--x--></a><!--y-->", "a", { comments(c) { c.text = c.text + "!"; c.before("b"); c.after("a") } })`, "<a>b<!--x!-->a</a><!--y-->"},
		{"bad comment", `return message(() => rewrite("<a><!--x-->", "a", { comments(c) { c.text = "-->" } }))`, "TypeError: Parser error: Comment text shouldn't contain a comment-closing sequence."},
		{"document", `var s = ""; var r = await new HTMLRewriter().onDocument({ doctype(d) { s += [d.name, d.publicId, d.systemId] }, comments(c) { s += c.text; c.remove() }, text(t) { s += t.text }, end(e) { e.append("<end>", { html: true }) } })
			.transform(new Response("<!DOCTYPE HTML PUBLIC 'p'><!--c-->t<b>u")).text(); return s + r`, "html,p,ctu<!DOCTYPE HTML PUBLIC 'p'>t<b>u<end>"},
		{"onEndTag", `return rewrite("<a>x</a>", "a", { element(e) { e.onEndTag(t => { t.before(t.name).after("!"); t.name = "b" }) } })`, "<a>xa</b>!"},
		{"last onEndTag", `return rewrite("<a></a>", "a", { element(e) { e.onEndTag(t => t.before("1")); e.onEndTag(t => t.before("2")) } })`, "<a>2</a>"},
		{"onEndTag of a void element", `return message(() => rewrite("<br>", "br", { element(e) { e.onEndTag(() => {}) } }))`, "TypeError: Parser error: No end tag."},
		{"onEndTag that fails", `return message(() => rewrite("<a></a>", "a", { element(e) { e.onEndTag(async () => { throw new RangeError("r") }) } }))`, "RangeError: r"},

		{"stale element", `var e; await rewrite("<a>", "a", { element(x) { e = x } }); return await message(() => e.tagName) === stale && await message(() => e.before("")) === stale && await message(() => e.getAttribute("a")) === stale`, "true"},
		{"stale iterator", `var i; await rewrite("<a>", "a", { element(x) { i = x.attributes } }); return await message(() => i.next()) === stale`, "true"},
		{"stale text", `var e; await rewrite("<a>x", "a", { text(x) { e = x } }); return await message(() => e.text) === stale`, "true"},
		{"stale after an async handler", `var e, s = ""; await rewrite("<a>", "a", { async element(x) { e = x; await 1; s += x.tagName } }); return s + (await message(() => { e.tagName = "b" }) === stale)`, "atrue"},
		{"an object for each handler", `var a; return new HTMLRewriter().on("a", { element(e) { a = e; e.x = 1 } }).on("a", { element(e) { e.append((a === e) + "" + e.x) } }).transform(new Response("<a></a>")).text()`, "<a>falseundefined</a>"},

		{"stream content", `return rewrite("<a></a>", "a", { element(e) { e.prepend(chunks("<i>", "é"), { html: true }); e.append(new Response("<2>")); e.append(new Response()); e.after(new Response(chunks("3")).body) } })`, "<a><i>é&lt;2&gt;</a>3"},
		{"malformed stream content", `return message(() => rewrite("<a></a>", "a", { element(e) { e.prepend(new Response(new Uint8Array([65, 255]))) } }))`, "TypeError: Parser error: Invalid UTF-8"},
		{"failing stream content", `return message(() => rewrite("<a></a>", "a", { element(e) { e.prepend(new ReadableStream({ pull(c) { c.error(new Error("no")) } })) } }))`, "Error: Error: no"},
		{"null options", `return rewrite("<a></a>", "a", { element(e) { e.append("<", null) } })`, "<a>&lt;</a>"},

		{"handler that throws", `return message(() => rewrite("<a>", "a", { element() { throw new RangeError("boom") } }))`, "RangeError: boom"},
		{"handler that rejects", `return message(() => rewrite("<a>", "a", { async element() { await 1; throw new RangeError("boom") } }))`, "RangeError: boom"},
		{"thrown value", `var o = {}; try { await rewrite("<a>", "a", { element() { throw o } }) } catch (e) { return e === o }`, "true"},
		{"what was made before comes", `var r = new HTMLRewriter().on("b", { element() { throw 1 } }).transform(new Response("<a><b>")).body.getReader(), d = await r.read(); return String.fromCharCode(...d.value) + await r.read().catch(e => e)`, "<a>1"},
		{"no handler after a failure", `var n = 0; await rewrite("<a><a>", "a", { element() { n++; throw 1 } }).catch(() => {}); return n`, "1"},

		{"selector", `return message(() => new HTMLRewriter().on("a:hover", {}))`, "TypeError: Parser error: Unsupported pseudo-class or pseudo-element in selector."},
		{"handlers", `return message(() => new HTMLRewriter().on("a", 1))`, "TypeError: Failed to execute 'on' on 'HTMLRewriter': The provided value is not of type 'ElementContentHandlers'."},
		{"handler", `return message(() => new HTMLRewriter().on("a", { element: 1 }))`, "TypeError: Failed to execute 'on' on 'HTMLRewriter': Failed to read the 'element' property from 'ElementContentHandlers': The provided value is not a function."},
		{"not a response", `return message(() => new HTMLRewriter().transform("x"))`, "TypeError: Failed to execute 'transform' on 'HTMLRewriter': value is not of type 'Response'"},
		{"error response", `return message(() => new HTMLRewriter().transform(Response.error()))`, "TypeError: HTMLRewriter cannot transform an error response"},
		{"no body", `var r = new Response(null); return new HTMLRewriter().on("a", { element() {} }).transform(r) === r`, "true"},
		{"no body by status", `var r = new Response(null, { status: 204 }); return new HTMLRewriter().on("a", { element() {} }).transform(r) === r`, "true"},
		{"no handlers", `return new HTMLRewriter().on("a", {}).transform(new Response("<a>")).text()`, "<a>"},
		{"used body", `var r = new Response("x"); await r.text(); return message(() => new HTMLRewriter().on("a", { element() {} }).transform(r))`, "TypeError: Failed to execute 'transform' on 'HTMLRewriter': Body has already been used. It can only be used once. Use tee() first if you need to read it twice."},
		{"uses the body", `var r = new Response("x"); new HTMLRewriter().on("a", { element() {} }).transform(r); return r.bodyUsed`, "true"},
		{"headers", `var r = new HTMLRewriter().on("a", { element() {} }).transform(new Response("x", { status: 201, statusText: "S", headers: { a: "b", "content-length": "1" } })); r.headers.set("c", "d"); return [r.status, r.statusText, ...r.headers]`, "201,S,a,b,c,d,content-type,text/plain;charset=UTF-8"},
		{"reused", `var h = new HTMLRewriter().on("a", { element(e) { e.append("x") } }), f = s => h.transform(new Response(s)).text(); return (await Promise.all([f("<a></a>"), f("<b><a></a>")])).join()`, "<a>x</a>,<b><a>x</a>"},
		{"nested", `return rewrite("<a></a>", "a", { async element(e) { e.append(await rewrite("<b></b>", "b", { element(e) { e.append("x") } }), { html: true }) } })`, "<a><b>x</b></a>"},
		{"of a transformed response", `var h = new HTMLRewriter().on("a", { element(e) { e.append("x") } }); return h.transform(h.transform(new Response("<a></a>"))).text()`, "<a>xx</a>"},
		{"script's stream", `return new HTMLRewriter().on("a", { element(e) { e.append("x") } }).transform(new Response(chunks("<", "a", "><", "/a>"))).text()`, "<a>x</a>"},
		{"failing source", `return message(() => new HTMLRewriter().on("a", { element() {} }).transform(new Response(new ReadableStream({ pull(c) { c.error(new RangeError("no")) } }))).text())`, "Error: RangeError: no"},
		{"cancelled", `hold(); return new Promise(f => { var s = new ReadableStream({ cancel(r) { f(r.name); release() } }); new HTMLRewriter().on("a", { element() {} }).transform(new Response(s)).body.cancel() })`, "AbortError"},
		{"writes before anybody reads", `var t = new TransformStream(), r = new HTMLRewriter().on("a", { element(e) { e.append("x") } }).transform(new Response(t.readable)), w = t.writable.getWriter();
			await w.write(new TextEncoder().encode("<a>")); await w.write(new TextEncoder().encode("</a>")); await w.close(); return r.text()`, "<a>x</a>"},
		{"lazy", `var n = 0; new HTMLRewriter().on("a", { element() { n++ } }).transform(new Response("<a>")); return n`, "0"},

		{"unknown charset", `return message(() => new HTMLRewriter().on("a", { element() {} }).transform(new Response("x", { headers: { "content-type": "text/html; charset=nope" } })))`, "TypeError: Parser error: Unknown character encoding has been provided."},
		{"wide charset", `return message(() => new HTMLRewriter().on("a", { element() {} }).transform(new Response("x", { headers: { "content-type": "text/html; charset=utf-16le" } })))`, "TypeError: Parser error: Expected ASCII-compatible encoding."},
		{"charset", `var s = "", b = new Uint8Array(await new HTMLRewriter().on("a", { element(e) { s += e.getAttribute("b"); e.append("é") }, text(t) { s += t.text } }).transform(new Response(new Uint8Array([60, 97, 32, 98, 61, 233, 62, 0xE9, 60, 47, 97, 62]), { headers: { "content-type": "text/html; charset=iso-8859-1" } })).arrayBuffer()); return s + String.fromCharCode(...b)`,
			"éé<a b=é>é&#233;</a>"},
		{"text between characters", `var s = []; await new HTMLRewriter().on("a", { text(t) { if (t.text) s.push(t.text) } }).transform(new Response(new ReadableStream({ start(c) { for (var x of [60, 97, 62, 0xF0, 0x9F, 0x98, 0x80, 65]) c.enqueue(new Uint8Array([x])); c.close() } }))).text(); return s`, "\U0001F600A"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := evaluate(t, c.js); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestGoReader reads a transformed body as the front end does: outside the isolate.
func TestGoReader(t *testing.T) {
	js, _ := newLoop()
	var sent outside.Response
	source := io.NopCloser(iotest.OneByteReader(strings.NewReader("<ul><li>1</li><li>2</li></ul>")))
	err := js.Loop.Do(&eventloop.Task{Run: func() {
		js.VM.Set("r", fetch.FromOutside(js, &outside.Response{Status: 200, Body: outside.Body{Stream: source, Length: 29},
			Header: []outside.Field{{Name: "content-length", Value: "29"}, {Name: "x", Value: "y"}}}).Wrap(js))
		v, err := js.VM.RunString(`new HTMLRewriter().on("li", { async element(e) { await 1; e.after("<hr>", { html: true }) } }).transform(r)`)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := webidl.As[*fetch.Response](v)
		if sent, err = r.Send(js); err != nil {
			t.Fatal(err)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(sent.Header), 1; got != want {
		t.Errorf("got %d headers, want %d: %v", got, want, sent.Header)
	}
	b, err := io.ReadAll(sent.Body.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(b), "<ul><li>1</li><hr><li>2</li><hr></ul>"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestClose gives a body up while a handler is waited for.
func TestClose(t *testing.T) {
	js, _ := newLoop()
	var sent outside.Response
	called := make(chan struct{})
	if err := js.Loop.Do(&eventloop.Task{Run: func() {
		js.VM.Set("called", func() { close(called) })
		v, err := js.VM.RunString(`new HTMLRewriter().on("a", { element() { called(); return new Promise(() => {}) } }).transform(new Response("<a>"))`)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := webidl.As[*fetch.Response](v)
		if sent, err = r.Send(js); err != nil {
			t.Fatal(err)
		}
	}}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.ReadAll(sent.Body.Stream)
		ended <- err
	}()
	<-called
	sent.Body.Close()
	if err := <-ended; err == nil {
		t.Error("the read did not fail")
	}
}
