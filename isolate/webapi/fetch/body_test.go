package fetch_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
)

func TestBody(t *testing.T) {
	const used = "Body has already been used. It can only be used once. Use tee() first if you need to read it twice."
	run(t, []script{
		{"text", `return new Response("é\u{1F600}\uD800").text()`, "é\U0001F600\uFFFD"},
		{"byte order mark", `return (await new Response("\uFEFFa").text()).length`, "1"},
		{"malformed", `return new Response(new Uint8Array([0xE2, 0x82, 65, 0xFF])).text()`, "\uFFFDA\uFFFD"},
		{"no body", `var r = new Response(); return [(await r.text()).length, r.bodyUsed, (await r.bytes()).length, (await r.blob()).size].join()`, "0,false,0,0"},
		{"empty body", `var r = new Response(""); await r.text(); return r.bodyUsed`, "true"},
		{"json", `return (await new Response('\uFEFF{"a": [1]}').json()).a[0]`, "1"},
		{"json with a getter that throws", `Object.defineProperty(Object.prototype, "then", { configurable: true, get() { throw new RangeError("then") } }); try { var p = new Response("{}").json() } finally { delete Object.prototype.then } return p.catch(e => e.name)`, "RangeError"},
		{"json that is thenable", `return new Response('{"then": 1}').json().then(o => o.then)`, "1"},
		{"json of nothing", `return new Response().json().catch(e => e.name)`, "SyntaxError"},
		{"arrayBuffer", `var b = await new Response("ab").arrayBuffer(); return (b instanceof ArrayBuffer) + "" + b.byteLength`, "true2"},
		{"bytes", `var b = await new Response("ab").bytes(); return (b instanceof Uint8Array) + b.join()`, "true97,98"},
		{"bytes are a copy", `var b = new Blob(["ab"]), u = await new Response(b).bytes(); u[0] = 0; return b.text()`, "ab"},
		{"twice", `var r = new Response("x"); r.text(); return r.text()`, "TypeError: Failed to execute 'text' on 'Response': " + used},
		{"locked", `var r = new Response("x"); r.body.getReader(); return r.text()`, "TypeError: Failed to execute 'text' on 'Response': " + used},
		{"foreign receiver", `return Response.prototype.text.call({})`, "TypeError: Failed to execute 'text' on 'Response': Illegal invocation"},
		{"later changes are not seen", `var u = new Uint8Array([65]), r = new Response(u); u[0] = 66; return r.text()`, "A"},
		{"view", `return new Response(new DataView(new Uint8Array([65, 66, 67]).buffer, 1, 1)).text()`, "B"},
		{"object", `return new Response({}).text()`, "[object Object]"},
		{"number", `return new Response(5).text()`, "5"},
		{"array", `return new Response(["a", "b"]).text()`, "a,b"},

		{"stream", `var r = new Response("abc"), d = await r.body.getReader().read(); return [d.value.join(), r.bodyUsed].join("|")`, "97,98,99|true"},
		{"stream is one object", `var r = new Response("x"); return r.body === r.body`, "true"},
		{"stream after text", `var r = new Response("x"); await r.text(); return r.body.locked + "" + r.bodyUsed`, "truetrue"},
		{"of a stream", `return new Response(new ReadableStream({start(c) { c.enqueue(new Uint8Array([65])); c.enqueue(new Uint8Array([66])); c.close() }})).text()`, "AB"},
		{"of a stream of strings", `return new Response(new ReadableStream({start(c) { c.enqueue("a"); c.close() }})).text().catch(e => e.name)`, "TypeError"},
		{"of a failing stream", `return new Response(new ReadableStream({start(c) { c.error(new RangeError("no")) }})).text()`, "RangeError: no"},
		{"of a locked stream", `var s = new ReadableStream(); s.getReader(); new Response(s)`, "TypeError: Failed to construct 'Response': This ReadableStream is disturbed (has already been read from), and cannot be used as a body."},

		{"of URLSearchParams", `var r = new Response(new URLSearchParams({a: "b c"})); return r.headers.get("content-type") + " " + await r.text()`, "application/x-www-form-urlencoded;charset=UTF-8 a=b+c"},
		{"of a blob", `var r = new Response(new Blob(["x"], {type: "T/S"})); return r.headers.get("content-type") + " " + await r.text()`, "t/s x"},
		{"of a blob without a type", `return new Response(new Blob(["x"])).headers.get("content-type")`, "null"},
		{"of an empty blob", `return new Response(new Blob()).body !== null`, "true"},

		{"blob", `var b = await new Response("x", {headers: {"content-type": "Text/Plain; Charset=A"}}).blob(); return [b instanceof Blob, b.type, await b.text()].join()`, "true,text/plain;charset=A,x"},
		{"blob of a bad type", `return (await new Response("x", {headers: {"content-type": "nonsense"}}).blob()).type`, ""},
		{"blob without a type", `return (await new Response(new Uint8Array(2)).blob()).type`, ""},
		{"blob of two types", `var r = new Response(null, {headers: [["content-type", "text/plain;charset=x"], ["content-type", "a/b, text/html;charset=\"y,z\""], ["content-type", "text/html"]]}); return (await r.blob()).type`, `text/html;charset="y,z"`},

		{"form", `var f = new FormData(); f.append("a", "1"); f.append("b", new File(["x"], "n\"", {type: "t/s"})); var g = await new Response(f).formData(), b = g.get("b"); return [g.get("a"), b.name, b.type, await b.text()].join()`, `1,n",t/s,x`},
		{"form of a request", `var f = new FormData(); f.append("a", "1"); return (await new Request("https://h", {method: "POST", body: f}).formData()).get("a")`, "1"},
		{"form of a stream", `var f = new FormData(); f.append("a", "1"); var r = new Response(f); return (await new Response(r.body, r).formData()).get("a")`, "1"},
		{"empty form", `return [...await new Response(new FormData()).formData()].length`, "0"},
		{"urlencoded form", `var f = await new Response(new URLSearchParams("a=1&b=%C3%A9+x")).formData(); return f.get("a") + f.get("b")`, "1é x"},
		{"urlencoded form that is not UTF-8", `var u = new Uint8Array([97, 0xFF, 61, 0xC3, 37, 65, 57]); var f = await new Response(u, {headers: {"content-type": "application/x-www-form-urlencoded"}}).formData(); return [...f].join()`, "a\uFFFD,é"},
		{"file without a type", `var body = '--B\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\nx\r\n--B--'; var f = (await new Response(body, {headers: {"content-type": "multipart/form-data; boundary=\"B\""}}).formData()).get("f"); return f.type + f.name`, "text/plainn"},
		{"form of another type", `return new Response("x").formData()`, "TypeError: Failed to execute 'formData' on 'Response': Failed to parse the body as FormData: the content-type is neither multipart/form-data nor application/x-www-form-urlencoded."},
		{"form without a boundary", `return new Response("x", {headers: {"content-type": "multipart/form-data"}}).formData()`, "TypeError: Failed to execute 'formData' on 'Response': Failed to parse the body as FormData: the content-type has no boundary."},
		{"malformed form", `return new Response("x", {headers: {"content-type": "multipart/form-data; boundary=B"}}).formData()`, "TypeError: Failed to execute 'formData' on 'Response': Failed to parse the body as FormData: not a multipart/form-data body: the boundary \"B\" does not appear."},
	}, nil)
}

func TestDecodeUTF8(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"aé\u20ac\U0001F600":        "aé\u20ac\U0001F600",
		"\xEF\xBB\xBFa\xEF\xBB\xBF": "a\uFEFF",
		"\xC0\x80":                  "\uFFFD\uFFFD",
		"\xF0\x9F\x98":              "\uFFFD",
		"\xED\xA0\x80":              "\uFFFD\uFFFD\uFFFD",
		"\xEF\xBB\xBF\xFF":          "\uFFFD",
	} {
		if got := fetch.DecodeUTF8([]byte(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzDecodeUTF8(f *testing.F) {
	f.Add([]byte("a\xff\xe2\x82b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got := fetch.DecodeUTF8(b)
		if want := string(bytes.TrimPrefix(b, []byte("\uFEFF"))); strings.ToValidUTF8(want, "") == want && got != want {
			t.Errorf("well-formed text changed: got %q, want %q", got, want)
		}
		if strings.ToValidUTF8(got, "") != got {
			t.Errorf("got malformed text %q", got)
		}
	})
}
