package fetch_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestRequest(t *testing.T) {
	run(t, []script{
		{"defaults", `var r = new Request("https://h"); return [r.method, r.url, r.redirect, r.referrer, r.referrerPolicy, r.mode, r.credentials, r.cache, r.integrity, r.keepalive, r.destination, r.duplex, r.body, r.bodyUsed, r.signal.aborted].join()`,
			"GET,https://h/,follow,about:client,,cors,same-origin,default,,false,,half,,false,false"},
		{"members", `var r = new Request("https://h", {method: "put", redirect: "manual", referrer: "https://x", referrerPolicy: "origin", mode: "same-origin", credentials: "omit", cache: "no-store", integrity: "i", keepalive: true}); return [r.method, r.redirect, r.referrer, r.referrerPolicy, r.mode, r.credentials, r.cache, r.integrity, r.keepalive].join()`,
			"PUT,manual,https://x/,origin,same-origin,omit,no-store,i,true"},
		{"no referrer", `return new Request("https://h", {referrer: ""}).referrer`, ""},
		{"bad referrer", `new Request("https://h", {referrer: "no-referrer"})`, "TypeError: Failed to construct 'Request': Referrer 'no-referrer' is not a valid URL."},
		{"URL object", `return new Request(new URL("https://h/a b")).url`, "https://h/a%20b"},
		{"fragment", `return new Request("https://h/#x").url`, "https://h/#x"},
		{"relative", `new Request("/x")`, "TypeError: Failed to construct 'Request': Invalid URL: /x"},
		{"credentials", `new Request("https://u:p@h/")`, "TypeError: Failed to construct 'Request': Request cannot be constructed from a URL that includes credentials: https://u:p@h/"},
		{"no arguments", `new Request()`, "TypeError: Failed to construct 'Request': 1 argument required, but only 0 present."},
		{"unknown method is kept", `return new Request("https://h", {method: "patch"}).method`, "patch"},
		{"forbidden method", `new Request("https://h", {method: "Trace"})`, "TypeError: Failed to construct 'Request': 'Trace' HTTP method is unsupported."},
		{"bad method", `new Request("https://h", {method: "A B"})`, "TypeError: Failed to construct 'Request': 'A B' is not a valid HTTP method."},
		{"body of GET", `new Request("https://h", {body: "x"})`, "TypeError: Failed to construct 'Request': Request with a GET or HEAD method cannot have a body."},
		{"null body of GET", `return new Request("https://h", {body: null}).body`, "null"},
		{"copy", `var a = new Request("https://h/", {method: "POST", body: "x", headers: {q: 1}, redirect: "error"}), b = new Request(a); return [b.method, b.url, b.headers.get("q"), b.redirect, await b.text(), a.bodyUsed].join()`, "POST,https://h/,1,error,x,true"},
		{"copy with changes", `var a = new Request("https://h/", {method: "POST", body: "x", headers: {q: 1}}), b = new Request(a, {method: "PUT", headers: {z: 2}, body: "y"}); return [b.method, b.headers.has("q"), b.headers.get("z"), await b.text(), a.bodyUsed].join()`, "PUT,false,2,y,false"},
		{"new URL with an old request", `var a = new Request("https://h/", {method: "POST", body: "x"}), b = new Request("https://k/", a); return [b.url, b.method, await b.text()].join()`, "https://k/,POST,x"},
		{"copy of a used one", `var a = new Request("https://h/", {method: "POST", body: "x"}); await a.text(); new Request(a)`, "TypeError: Failed to construct 'Request': Cannot reconstruct a Request with a used body."},
		{"failed copy leaves the body", `var a = new Request("https://h/", {method: "POST", body: "x"}); try { new Request(a, {method: "GET"}) } catch {} return a.text()`, "x"},
		{"signal", `var c = new AbortController(), r = new Request("https://h", {signal: c.signal}), s = ""; r.signal.onabort = () => s += "a"; c.abort(); return s + r.signal.aborted + (r.signal === c.signal)`, "atruefalse"},
		{"copied signal", `var c = new AbortController(), r = new Request(new Request("https://h", {signal: c.signal})); c.abort(5); return r.signal.reason`, "5"},
		{"no signal", `var c = new AbortController(), r = new Request(new Request("https://h", {signal: c.signal}), {signal: null}); c.abort(); return r.signal.aborted`, "false"},
		{"bad signal", `new Request("https://h", {signal: {}})`, "TypeError: Failed to construct 'Request': Failed to read the 'signal' property from 'RequestInit': member signal is not of type 'AbortSignal'."},
		{"cf", `return JSON.stringify(new Request(new Request("https://h", {cf: {a: 1}})).cf)`, `{"a":1}`},
		{"clone", `var a = new Request("https://h", {method: "POST", body: "x", headers: {q: 1}}), b = a.clone(); b.headers.set("q", 2); return [await a.text(), await b.text(), a.headers.get("q"), b.headers.get("q")].join()`, "x,x,1,2"},
		{"clone of a used one", `var a = new Request("https://h", {method: "POST", body: "x"}); await a.text(); a.clone()`, "TypeError: Failed to execute 'clone' on 'Request': Request body is already used"},
		{"own properties", `var r = new Request("https://h"); r.params = {id: 1}; return r.params.id`, "1"},
		{"window", `new Request("https://h", {window: {}})`, "TypeError: Failed to construct 'Request': 'window' can only be null."},
		{"mode", `new Request("https://h", {mode: "navigate"})`, "TypeError: Failed to construct 'Request': Cannot construct a Request with a RequestInit whose mode member is set as 'navigate'."},
		{"enumeration", `new Request("https://h", {redirect: "no"})`, "TypeError: Failed to construct 'Request': Failed to read the 'redirect' property from 'RequestInit': The provided value 'no' is not a valid enum value of type RequestRedirect."},
		{"subclass", `class R extends Request { get path() { return new URL(this.url).pathname } } return new R("https://h/p").path`, "/p"},
	}, nil)
}

// TestIncoming checks the request of a fetch event.
func TestIncoming(t *testing.T) {
	run(t, []script{
		{"members", `return [r.method, r.url, r.headers.get("x-a"), r.redirect, r.cf.country, await r.text()].join()`, "POST,https://h/p?q,1, 2,manual,NL,hello"},
		{"immutable", `r.headers.set("a", "b")`, "TypeError: Failed to execute 'set' on 'Headers': Can't modify immutable headers."},
		{"mutable copy", `var c = new Request(r); c.headers.set("a", "b"); return c.headers.get("a")`, "b"},
		{"stream", `return (await r.body.getReader().read()).value.length`, "5"},
	}, func(js *webidl.Realm) {
		in := fetch.Incoming(&outside.Request{
			Method: "POST", URL: "https://h/p?q", CF: []byte(`{"country": "NL"}`), Body: outside.Body{Bytes: []byte("hello")},
			Header: []outside.Field{{Name: "x-a", Value: "1"}, {Name: "x-a", Value: "2"}},
		})
		js.VM.Set("r", in.Wrap(js))
	})
}

// TestSend checks what of a request goes out.
func TestSend(t *testing.T) {
	js := newRealm()
	v, err := js.VM.RunString(`var f = new FormData(); f.append("a", "b");
		new Request("https://h/p#frag", {method: "POST", body: f, headers: {"X-A": "1"}, cf: {x: 1}, redirect: "manual"})`)
	if err != nil {
		t.Fatal(err)
	}
	r := webidl.Unwrap(v).(*fetch.Request)
	out, err := r.Send(js)
	if err != nil {
		t.Fatal(err)
	}
	if out.Method != "POST" || out.URL != "https://h/p" || out.Redirect != "manual" || string(out.CF) != `{"x":1}` ||
		len(out.Header) != 2 || out.Header[0] != (outside.Field{Name: "x-a", Value: "1"}) ||
		!strings.HasPrefix(out.Header[1].Value, "multipart/form-data; boundary=") || !strings.Contains(string(out.Body.Bytes), "\r\n\r\nb\r\n") {
		t.Errorf("got %+v with body %s", out, out.Body.Bytes)
	}
	if _, err := r.Send(js); err == nil {
		t.Error("a request with a body was sent twice")
	}
	if used, _ := js.VM.RunString(`new Request("https://h").bodyUsed`); used.ToBoolean() || goja.IsUndefined(used) {
		t.Error("a request without a body is used")
	}
}
