package fetch_test

import "testing"

func TestHeaders(t *testing.T) {
	run(t, []script{
		{"get joins", `var h = new Headers([["A", "1"], ["a", " 2\t"]]); return h.get("a")`, "1, 2"},
		{"missing", `return new Headers().get("a")`, "null"},
		{"record", `return [...new Headers({B: "1", a: 2})].join("|")`, "a,2|b,1"},
		{"copy", `var h = new Headers({a: 1}), g = new Headers(h); h.set("a", 2); return g.get("a")`, "1"},
		{"iterable", `return new Headers(new Map([["a", "b"]])).get("A")`, "b"},
		{"set", `var h = new Headers([["a", 1], ["b", 2], ["A", 3]]); h.set("A", 4); h.set("c", 5); return [...h].join("|")`, "a,4|b,2|c,5"},
		{"delete", `var h = new Headers([["a", 1], ["A", 2]]); h.delete("a"); h.delete("z"); return h.has("a")`, "false"},
		{"sorted and combined", `return [...new Headers([["x-b", 1], ["a", 2], ["X-B", 3]])].join("|")`, "a,2|x-b,1, 3"},
		{"set-cookie is kept apart", `var h = new Headers([["set-cookie", "a"], ["z", 1], ["Set-Cookie", "b"]]); return [...h].join("|") + h.get("set-cookie") + h.getSetCookie().length`, "set-cookie,a|set-cookie,b|z,1a, b2"},
		{"getAll", `var h = new Headers([["set-cookie", "a"], ["set-cookie", "b"]]); return h.getAll("Set-Cookie").join("+")`, "a+b"},
		{"getAll of another", `new Headers().getAll("a")`, `TypeError: Failed to execute 'getAll' on 'Headers': getAll() can only be used with the header name "Set-Cookie".`},
		{"changed while iterating", `var h = new Headers({a: 1, b: 2, c: 3}), s = ""; for (var [k] of h) { s += k; h.delete(k) } return s`, "ac"},
		{"grown while iterating", `var h = new Headers({b: 1}), s = ""; for (var [k] of h) { s += k; if (k == "b") h.append("c", 1) } return s`, "bc"},
		{"forEach", `var s = ""; new Headers({a: 1}).forEach(function (v, k, h) { s += v + k + h.get("a") + this }, 7); return s`, "1a17"},
		{"Latin-1", `var h = new Headers({a: "\u00e9"}); return h.get("a") + [...h.values()]`, "éé"},
		{"no ByteString", `new Headers({a: "\u0142"})`, "TypeError: Failed to construct 'Headers': Cannot convert argument to a ByteString because the character at index 0 has a value of 322 which is greater than 255."},
		{"bad name", `new Headers().append("a b", "")`, "TypeError: Failed to execute 'append' on 'Headers': Invalid name"},
		{"empty name", `new Headers({"": 1})`, "TypeError: Failed to construct 'Headers': Invalid name"},
		{"bad value", `new Headers().set("a", "b\nc")`, "TypeError: Failed to execute 'set' on 'Headers': Invalid value"},
		{"line breaks around", `return new Headers({a: "\r\n b\n"}).get("a")`, "b"},
		{"no pairs", `new Headers([["a"]])`, "TypeError: Failed to construct 'Headers': Invalid value"},
		{"no record", `new Headers(5)`, "TypeError: Failed to construct 'Headers': The provided value is not of type '(record<ByteString, ByteString> or sequence<sequence<ByteString>>)'."},
		{"null", `new Headers(null)`, "TypeError: Failed to construct 'Headers': The provided value is not of type '(record<ByteString, ByteString> or sequence<sequence<ByteString>>)'."},
		{"symbol", `new Headers({[Symbol.toStringTag]: "x"})`, "TypeError: Failed to construct 'Headers': Cannot convert a Symbol value to a string"},
		{"forbidden names are allowed", `return new Request("https://h/", {headers: {host: "x", cookie: "y"}}).headers.get("cookie")`, "y"},
	}, nil)
}
