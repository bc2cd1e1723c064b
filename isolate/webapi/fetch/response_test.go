package fetch_test

import (
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestResponse(t *testing.T) {
	run(t, []script{
		{"defaults", `var r = new Response(); return [r.type, r.url, r.redirected, r.status, r.ok, r.statusText, r.body, r.bodyUsed, [...r.headers].length].join()`, "default,,false,200,true,,,false,0"},
		{"init", `var r = new Response("x", {status: 404, statusText: "No", headers: {a: "b"}}); return [r.status, r.ok, r.statusText, r.headers.get("a"), r.headers.get("content-type")].join()`, "404,false,No,b,text/plain;charset=UTF-8"},
		{"own content type", `return new Response("x", {headers: {"Content-Type": "a/b"}}).headers.get("content-type")`, "a/b"},
		{"status", `new Response("", {status: 199})`, "RangeError: Failed to construct 'Response': The status provided (199) is outside the range [200, 599]."},
		{"switching protocols without a socket", `new Response(null, {status: 101})`, "RangeError: Failed to construct 'Response': The status provided (101) is outside the range [200, 599]."},
		{"status text", `new Response("", {statusText: "\n"})`, "TypeError: Failed to construct 'Response': Invalid statusText"},
		{"body of 204", `new Response("", {status: 204})`, "TypeError: Failed to construct 'Response': Response with null body status (101, 204, 205, or 304) cannot have a body."},
		{"null body of 204", `return new Response(null, {status: 204}).body`, "null"},
		{"a response as init", `var r = new Response("a", {status: 201, statusText: "S", headers: {q: 1}}), s = new Response("b", r); s.headers.set("q", 2); return [s.status, s.statusText, s.headers.get("q"), r.headers.get("q"), await s.text()].join()`, "201,S,2,1,b"},
		{"init is read once", `var n = 0; new Response("", {get status() { return 200 + n++ }}); return n`, "1"},
		{"json", `var r = Response.json({a: [1, "é"]}, {status: 202}); return [r.status, r.headers.get("content-type"), await r.text()].join()`, `202,application/json,{"a":[1,"é"]}`},
		{"json with a type", `return Response.json(1, {headers: {"content-type": "a/b"}}).headers.get("content-type")`, "a/b"},
		{"json of undefined", `Response.json(undefined)`, "TypeError: Failed to execute 'json' on 'Response': The data is not JSON serializable"},
		{"json that throws", `Response.json({toJSON() { throw new Error("no") }})`, "Error: no"},
		{"error", `var r = Response.error(); return [r.type, r.status, r.ok].join()`, "error,0,false"},
		{"redirect", `var r = Response.redirect("https://h/a b", 307); return [r.status, r.headers.get("location")].join()`, "307,https://h/a%20b"},
		{"default redirect", `return Response.redirect("https://h").status`, "302"},
		{"bad redirect", `Response.redirect("https://h", 200)`, "RangeError: Failed to execute 'redirect' on 'Response': Invalid status code: 200 is not a redirect status (301, 302, 303, 307 or 308)."},
		{"relative redirect", `Response.redirect("/a")`, "TypeError: Failed to execute 'redirect' on 'Response': Unable to parse URL: /a"},
		{"immutable redirect", `Response.redirect("https://h").headers.set("a", "b")`, "TypeError: Failed to execute 'set' on 'Headers': Can't modify immutable headers."},
		{"clone", `var a = new Response("x", {status: 201, headers: {q: 1}}), b = a.clone(); b.headers.set("q", 2); return [b.status, await a.text(), await b.text(), a.headers.get("q")].join()`, "201,x,x,1"},
		{"clone of a stream", `var a = new Response(new ReadableStream({start(c) { c.enqueue(new Uint8Array([65])); c.close() }})), b = a.clone(); return (await a.text()) + (await b.text())`, "AA"},
		{"clone of a used one", `var a = new Response("x"); await a.text(); a.clone()`, "TypeError: Failed to execute 'clone' on 'Response': Response body is already used"},
		{"headers object", `var r = new Response(); return r.headers === r.headers`, "true"},
		{"subclass", `class R extends Response { hi() { return this.status } } return new R().hi()`, "200"},
	}, nil)
}

// TestFromOutside checks the response of a fetch.
func TestFromOutside(t *testing.T) {
	run(t, []script{
		{"members", `return [r.type, r.url, r.redirected, r.status, r.statusText, r.headers.get("a"), await r.text()].join()`, "basic,https://h/,true,201,Made,b,hi"},
		{"immutable", `r.headers.append("a", "b")`, "TypeError: Failed to execute 'append' on 'Headers': Can't modify immutable headers."},
		{"mutable copy", `var c = new Response(r.body, r); c.headers.set("a", "c"); return c.headers.get("a") + await c.text()`, "chi"},
	}, func(js *webidl.Realm) {
		js.VM.Set("r", fetch.FromOutside(js, &outside.Response{
			Status: 201, StatusText: "Made", URL: "https://h/", Redirected: true, Body: outside.Body{Bytes: []byte("hi")},
			Header: []outside.Field{{Name: "a", Value: "b"}},
		}).Wrap(js))
	})
}

func TestSendResponse(t *testing.T) {
	js := newRealm()
	for _, c := range []struct{ js, want string }{
		{`new Response("x", {status: 201, headers: {a: "b"}})`, "201 x"},
		{`new Response()`, "200 "},
		{`new Response(new Blob(["ab"], {type: "t/s"}))`, "200 ab"},
		{`new Response(new Response("through").body)`, "200 through"},
		{`Response.error()`, "TypeError: Cannot respond with Response.error()."},
		{`var r = new Response("x"); r.text(); r`, "TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it twice."},
	} {
		v, err := js.VM.RunString(c.js)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if res, err := webidl.Unwrap(v).(*fetch.Response).Send(js); err != nil {
			got = err.Error()
		} else {
			got = js.VM.ToValue(res.Status).String() + " " + string(res.Body.Bytes)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.js, got, c.want)
		}
	}
}
