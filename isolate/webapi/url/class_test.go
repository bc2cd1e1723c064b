package url_test

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func newRealm() *webidl.Realm {
	return webidl.NewRealm(goja.New(), webidl.Options{Globals: webidl.NewGlobals(url.Globals)})
}

// expect runs a script whose last value must read want. A thrown error reads as its string.
func expect(t *testing.T, script, want string) {
	t.Helper()
	v, err := newRealm().VM.RunString(script)
	if thrown, ok := err.(*goja.Exception); ok {
		v = thrown.Value()
	} else if err != nil {
		t.Fatal(err)
	}
	if got := v.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestURL(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"parts", `var u = new URL("https://me:pw@EXAMPLE.com:8080/a/../b?q=1#h");
			[u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash].join(" ")`,
			"https://me:pw@example.com:8080/b?q=1#h https://example.com:8080 https: me pw example.com:8080 example.com 8080 /b ?q=1 #h"},
		{"base", `new URL("../c?x", "https://h/a/b/d").href`, "https://h/a/c?x"},
		{"base is a URL", `new URL("x", new URL("https://h/a/")) + ""`, "https://h/a/x"},
		{"undefined base", `new URL("https://h", undefined).href`, "https://h/"},
		{"invalid", `new URL("nope")`, "TypeError: Failed to construct 'URL': Invalid URL"},
		{"invalid base", `new URL("https://h/", "nope")`, "TypeError: Failed to construct 'URL': Invalid URL"},
		{"null base", `new URL("https://h/", null)`, "TypeError: Failed to construct 'URL': Invalid URL"},
		{"no arguments", `new URL()`, "TypeError: Failed to construct 'URL': 1 argument required, but only 0 present."},
		{"parse", `String(URL.parse("nope")) + URL.parse("a", "https://h") + (URL.parse("https://h") instanceof URL)`, "nullhttps://h/atrue"},
		{"canParse", `[URL.canParse("nope"), URL.canParse("nope", "https://h"), URL.canParse("https://h", "nope")].join()`, "false,true,false"},
		{"setters", `var u = new URL("https://h/"); u.protocol = "http"; u.username = "a@"; u.password = "b"; u.host = "x:1"; u.pathname = "p q"; u.search = "s"; u.hash = "f"; u.href`, "http://a%40:b@x:1/p%20q?s#f"},
		{"ports", `var u = new URL("https://h:8/"); u.port = "443"; u.hostname = "k"; u.href`, "https://k/"},
		{"read-only", `var u = new URL("https://h/"); u.origin = "x"; u.searchParams = 5; u.origin + u.searchParams.size`, "https://h0"},
		{"href", `var u = new URL("https://h/?a=1"), p = u.searchParams; u.href = "https://k/?b=2"; p.get("b") + p.has("a")`, "2false"},
		{"invalid href", `var u = new URL("https://h/"); try { u.href = "no" } catch (e) { e.message + u }`, "Failed to set the 'href' property on 'URL': Invalid URLhttps://h/"},
		{"search refills", `var u = new URL("https://h/?a=1"), p = u.searchParams; u.search = "?c=3&d"; [...p].join("|") + (p === u.searchParams)`, "c,3|d,true"},
		{"params update", `var u = new URL("https://h/?a=1#f"), p = u.searchParams; p.append("b", "x y"); p.delete("a"); p.set("c", "ä"); u.href`, "https://h/?b=x+y&c=%C3%A4#f"},
		{"params emptied", `var u = new URL("https://h/?a=1"); u.searchParams.delete("a"); u.href`, "https://h/"},
		{"changes meet", `var u = new URL("https://h/?a=1"), p = u.searchParams; p.append("b", 2); u.hash = "x"; p.append("c", 3); u.pathname = "/p"; var s = u.href; p.append("d", 4); u.search = "?e"; s + " " + u + p.size`, "https://h/p?a=1&b=2&c=3#x https://h/p?e#x1"},
		{"failed href keeps changes", `var u = new URL("https://h/"); u.searchParams.append("a", 1); try { u.href = "no" } catch {} u.href`, "https://h/?a=1"},
		{"params sorted", `var u = new URL("https://h/?b=1&a=2&b=0"); u.searchParams.sort(); u.search`, "?a=2&b=1&b=0"},
		{"JSON", `JSON.stringify({u: new URL("https://h")})`, `{"u":"https://h/"}`},
		{"lone surrogate", `new URL("https://h/\uD800").href`, "https://h/%EF%BF%BD"},
		{"object URLs", `URL.createObjectURL({})`, "Error: Failed to execute 'createObjectURL' on 'URL': the method is not implemented."},
		{"tag", `Object.prototype.toString.call(new URL("a:b")) + Object.keys(URL.prototype).length + URL.length`, "[object URL]141"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, c.js, c.want) })
	}
}

func TestURLSearchParams(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"string", `[...new URLSearchParams("?a=1&b=%20+&&c")].join("|")`, "a,1|b,  |c,"},
		{"second question mark", `new URLSearchParams("??a=1") + ""`, "%3Fa=1"},
		{"nothing", `new URLSearchParams().size + new URLSearchParams(undefined).size`, "0"},
		{"null", `new URLSearchParams(null) + ""`, "null="},
		{"sequence", `new URLSearchParams([["a", 1], new Set(["b", 2])]) + ""`, "a=1&b=2"},
		{"not pairs", `new URLSearchParams([["a"]])`, "TypeError: Failed to construct 'URLSearchParams': Sequence initializer must only contain pair elements"},
		{"not a sequence of sequences", `new URLSearchParams(["ab"])`, "TypeError: Failed to construct 'URLSearchParams': The provided value cannot be converted to a sequence."},
		{"record", `new URLSearchParams({a: 1, b: "ü"}) + ""`, "a=1&b=%C3%BC"},
		{"copy", `var p = new URLSearchParams("a=1"), q = new URLSearchParams(p); p.append("b", 2); q + ""`, "a=1"},
		{"get", `var p = new URLSearchParams("a=1&a=2"); [p.get("a"), p.get("x"), p.getAll("a"), p.getAll("x").length].join()`, "1,,1,2,0"},
		{"has and delete a value", `var p = new URLSearchParams("a=1&a=2"); var s = p.has("a", 2) + "" + p.has("a", 3) + p.has("a", undefined); p.delete("a", 1); s + p`, "truefalsetruea=2"},
		{"iteration is live", `var p = new URLSearchParams("a=1&b=2&c=3"), s = ""; for (var [k] of p) { s += k; p.delete(k) } s`, "ac"},
		{"forEach", `var s = ""; new URLSearchParams("a=1").forEach(function (v, k, p) { s += v + k + (p instanceof URLSearchParams) + this }, 7); s`, "1atrue7"},
		{"keys and values", `var p = new URLSearchParams("a=1&b=2"); [...p.keys(), ...p.values()].join()`, "a,b,1,2"},
		{"set", `var p = new URLSearchParams("a=1&b=2&a=3"); p.set("a", 9); p.set("n", ""); p + ""`, "a=9&b=2&n="},
		{"sort by code units", `var p = new URLSearchParams("\uFFE6=1&\u{1F600}=2"); p.sort(); p.get("\u{1F600}") + [...p.values()]`, "22,1"},
		{"foreign receiver", `URLSearchParams.prototype.get.call(new URL("a:"), "x")`, "TypeError: Failed to execute 'get' on 'URLSearchParams': Illegal invocation"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, c.js, c.want) })
	}
}

func TestURLPattern(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"string", `var p = new URLPattern("https://*.example.com/books/:id?"); [p.protocol, p.username, p.hostname, p.port, p.pathname, p.search, p.hash, p.hasRegExpGroups].join(" ")`, "https * *.example.com  /books/:id? * * false"},
		{"test", `var p = new URLPattern({pathname: "/books/:id"}); [p.test("https://h/books/1"), p.test("https://h/books"), p.test({pathname: "/books/2"}), p.test("/books/3", "https://h"), p.test("/books/3"), p.test(), p.test(new URL("https://h/books/4"))].join()`, "true,false,true,true,false,false,true"},
		{"exec", `var r = new URLPattern({pathname: "/books/:id/:page?"}).exec("https://h/books/1"); JSON.stringify([r.inputs, r.pathname, r.protocol]) + ("page" in r.pathname.groups) + r.pathname.groups.page`, `[["https://h/books/1"],{"input":"/books/1","groups":{"id":"1"}},{"input":"https","groups":{"0":"https"}}]trueundefined`},
		{"exec with a base", `JSON.stringify(new URLPattern({pathname: "/a"}).exec("a", "https://h/").inputs)`, `["a","https://h/"]`},
		{"exec of an object", `JSON.stringify(new URLPattern({pathname: "/a"}).exec({search: "x", pathname: "/a", z: 1}).inputs)`, `[{"pathname":"/a","search":"x"}]`},
		{"no match", `new URLPattern({pathname: "/a"}).exec("https://h/b")`, "null"},
		{"group called __proto__", `Object.keys(new URLPattern({pathname: "/:__proto__"}).exec({pathname: "/a"}).pathname.groups).join()`, "__proto__"},
		{"members of the result", `Object.keys(new URLPattern().exec()).join()`, "inputs,protocol,username,password,hostname,port,pathname,search,hash"},
		{"base", `var p = new URLPattern("/x/*", "https://h:8/y?z"); [p.protocol, p.hostname, p.port, p.pathname].join()`, "https,h,8,/x/*"},
		{"base in the object", `new URLPattern({pathname: "x", baseURL: "https://h/a/b"}).pathname`, "/a/x"},
		{"ignore case", `[new URLPattern({pathname: "/A"}, {ignoreCase: true}).test({pathname: "/a"}), new URLPattern("/A", "https://h", {ignoreCase: true}).test("https://h/a"), new URLPattern({pathname: "/A"}).test({pathname: "/a"})].join()`, "true,true,false"},
		{"nested question mark", `var p = new URLPattern({pathname: "/(\\d{2})-(?<y>x|\\u{1F600})?"}); p.hasRegExpGroups + JSON.stringify(p.exec({pathname: "/12-"}).pathname.groups)`, `TypeError: Failed to construct 'URLPattern': invalid URL pattern in pathname: "/(\\d{2})-(?<y>x|\\u{1F600})?": regular expression that starts with a question mark`},
		{"regular expression of JavaScript", `var p = new URLPattern({pathname: "/:n(\\d+(?!0))"}); [p.hasRegExpGroups, p.test({pathname: "/12"}), p.test({pathname: "/x"}), p.exec({pathname: "/12"}).pathname.groups.n].join()`, "true,true,false,12"},
		{"bad regular expression", `try { new URLPattern({pathname: "/(\\m)"}) } catch (e) { e.name }`, "TypeError"},
		{"relative without a base", `new URLPattern("/a")`, `TypeError: Failed to construct 'URLPattern': invalid URL pattern: "/a": relative pattern without a base URL`},
		{"object and base", `new URLPattern({}, "https://h")`, "TypeError: Failed to construct 'URLPattern': A base URL may not be given beside an input that is an object: it is the object's baseURL."},
		{"order of reading", `var s = ""; new URLPattern(new Proxy({}, {get(t, k) { s += k + " " }})); s`, "baseURL hash hostname password pathname port protocol search username "},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, c.js, c.want) })
	}
}

func TestFetchBody(t *testing.T) {
	js := newRealm()
	v, err := js.VM.RunString(`new URLSearchParams({a: "1 2"})`)
	if err != nil {
		t.Fatal(err)
	}
	body, ok := webidl.Unwrap(v).(interface {
		FetchBody(*webidl.Realm) ([]byte, string, error)
	})
	if !ok {
		t.Fatal("URLSearchParams is no body")
	}
	data, contentType, err := body.FetchBody(js)
	if err != nil || string(data) != "a=1+2" || contentType != "application/x-www-form-urlencoded;charset=UTF-8" {
		t.Errorf("got %q, %q, %v", data, contentType, err)
	}
}

// loop makes a function of Go that runs a statement n times.
func loop(t testing.TB, prepare, statement string) func(n int) {
	t.Helper()
	js := newRealm()
	v, err := js.VM.RunString(prepare + `; (function (n) { for (var i = 0; i < n; i++) { ` + statement + ` } })`)
	if err != nil {
		t.Fatal(err)
	}
	run, _ := goja.AssertFunction(v)
	return func(n int) {
		if _, err := run(goja.Undefined(), js.VM.ToValue(n)); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkClass(b *testing.B) {
	const u = `https://www.example.com/catalogue/search?q=blue+shoes&page=2#results`
	for _, c := range []struct{ name, prepare, statement string }{
		{"new URL", `URL`, `new URL("` + u + `")`},
		{"new URL with base", `URL`, `new URL("/x?y=1", "` + u + `")`},
		{"pathname", `var u = new URL("` + u + `")`, `u.pathname`},
		{"searchParams get", `var u = new URL("` + u + `")`, `u.searchParams.get("page")`},
		{"new URL and get", `URL`, `new URL("` + u + `").searchParams.get("page")`},
		{"URLPattern test", `var p = new URLPattern({pathname: "/catalogue/:page"})`, `p.test("` + u + `")`},
		{"URLPattern exec", `var p = new URLPattern({pathname: "/catalogue/:page"})`, `p.exec("` + u + `")`},
		{"searchParams set", `var u = new URL("` + u + `")`, `u.searchParams.set("page", "3")`},
	} {
		b.Run(c.name, func(b *testing.B) {
			run := loop(b, c.prepare, c.statement)
			run(1)
			b.ReportAllocs()
			b.ResetTimer()
			run(b.N)
		})
	}
}
