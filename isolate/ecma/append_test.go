package ecma_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/ecma"
)

// TestAppend makes strings by append and by + side by side.
func TestAppend(t *testing.T) {
	for _, c := range []struct{ name, js string }{
		{"ascii", `for (let i = 0; i < 3000; i++) put("item " + i)`},
		{"numbers and others", `for (let i = 0; i < 900; i++) { put(i); put(i / 3); put(null); put(undefined); put(true); put(10n) }`},
		{"objects", `for (let i = 0; i < 300; i++) { put({toString: () => "o" + i}); put([i, i]); put({valueOf: () => i}) }`},
		{"empty", `for (let i = 0; i < 900; i++) { put(""); put("xyz") }`},
		{"latin", `for (let i = 0; i < 900; i++) put("é" + i)`},
		{"from ascii to others", `for (let i = 0; i < 900; i++) put(i < 400 ? "plain" : i % 7 ? "плюс" : "💩")`},
		{"split pairs", `for (let i = 0; i < 900; i++) put("abc\ud83d"), put("\udca9def")`},
		{"lone surrogates", `for (let i = 0; i < 900; i++) put(i % 50 ? "xy" : "\ud800"), put(i % 60 ? "é" : "\udc00")`},
		{"replacement character", `for (let i = 0; i < 900; i++) put(i % 50 ? "xy" : "\ufffd")`},
		{"long pieces", `for (let i = 0; i < 20; i++) put("long ".repeat(500 + i))`},
		{"all code units", `for (let i = 0; i < 0x10000; i += 13) put(String.fromCharCode(i))`},
	} {
		js := newRealm()
		js.VM.Set("append", ecma.Intrinsic(js, "append", nil))
		v, err := js.VM.RunString(`(() => {
			let s = "", r = "", kept = [];
			const put = (x) => { s = append(s, x); r = r + x; if (kept.length < 400) kept.push([s, r]) };
			` + c.js + `;
			if (s !== r || s.length !== r.length) return "differ";
			for (const [a, b] of kept) if (a !== b || a.length !== b.length || a.slice(-3) !== b.slice(-3) || a[a.length - 1] !== b[b.length - 1]) return "one kept differs";
			const m = new Map([[s, 1]]);
			if (m.get(r) !== 1 || ({[s]: 2})[r] !== 2 || s.indexOf(r) !== 0 || JSON.stringify(s) !== JSON.stringify(r)) return "not used as equal";
			return "same";
		})()`)
		if err != nil || v.String() != "same" {
			t.Errorf("%s: %v, %v", c.name, v, err)
		}
	}
	for _, c := range []struct{ js, want string }{
		{`var base = "-".repeat(300), a = append(base, "a"), b = append(a, "b"), c = append(a, "c"), d = append(b, "d"), e = append(c, "e"); [a, b, c, d, e].map((s) => s.slice(300)).join()`, "a,ab,ac,abd,ace"},
		{`var list = []; for (var i = 0; i < 20; i++) list.push(""); for (var n = 0; n < 200; n++) for (var i = 0; i < 20; i++) list[i] = append(list[i], "k" + i + ";"); list.every((s, i) => s === ("k" + i + ";").repeat(200))`, "true"},
		{`append(1, 2) + append("1", 2) + append(1, "2") + append(null, "x") + append({}, "y")`, "31212nullx[object Object]y"},
		{`try { append("x".repeat(300), Symbol()) } catch (e) { e.name }`, "TypeError"},
		{`try { append(1n, 1) } catch (e) { e.name }`, "TypeError"},
		{`var log = ""; append({[Symbol.toPrimitive](h) { log += "x" + h }}, {[Symbol.toPrimitive](h) { log += "y" + h }}); log`, "xdefaultydefault"},
		{`var s = "é".repeat(300), t = append(append(s, "a"), "b"); t.length + t.slice(299) + append(t, "\ud800").charCodeAt(302).toString(16)`, "302éabd800"},
	} {
		js := newRealm()
		js.VM.Set("append", ecma.Intrinsic(js, "append", nil))
		v, err := js.VM.RunString(c.js)
		if err != nil || v.String() != c.want {
			t.Errorf("%s: got %v, %v, want %s", c.js, v, err, c.want)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"ascii", "xxxxxxxxxx"}, {"cyrillic", strings.Repeat("ж", 10)}} {
		for _, how := range []string{"append(s, x)", "s + x"} {
			for _, n := range []int{20, 200, 2000, 20000} {
				js := newRealm()
				js.VM.Set("append", ecma.Intrinsic(js, "append", nil))
				v, err := js.VM.RunString(`const append = globalThis.append; (n, x) => { let s = ""; for (let i = 0; i < n; i++) s = ` + how + `; return s.length }`)
				if err != nil {
					b.Fatal(err)
				}
				f, _ := goja.AssertFunction(v)
				b.Run(c.name+"/"+how+"/"+js.VM.ToValue(n).String(), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if _, err := f(goja.Undefined(), js.VM.ToValue(n), js.VM.ToValue(c.text)); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/append")
				})
			}
		}
	}
}
