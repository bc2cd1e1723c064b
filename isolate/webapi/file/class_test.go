package file_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/file"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// now is the time of every test's realm.
const now = 1_700_000_000_000

func newRealm() *webidl.Realm {
	return webidl.NewRealm(goja.New(), webidl.Options{
		Loop:    eventloop.New(eventloop.Options{Clock: eventloop.NewVirtualClock(time.UnixMilli(now))}),
		Globals: webidl.NewGlobals(file.Globals, streams.Globals),
	})
}

// expect runs the body of an async function whose result must read want.
func expect(t *testing.T, body, want string) {
	t.Helper()
	js := newRealm()
	got := "never settled"
	js.VM.Set("out", func(s string) { got = s })
	if _, err := js.VM.RunString(`(async () => { ` + body + ` })().then(v => out(String(v)), e => out(String(e)))`); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBlob(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"empty", `var b = new Blob(); return [b.size, b.type, await b.text()].join()`, "0,,"},
		{"parts", `return new Blob(["é", new Uint8Array([65, 66]), new DataView(new ArrayBuffer(2), 1), new Blob(["c"]), 5, {}]).text()`, "éAB\x00c5[object Object]"},
		{"size", `return new Blob(["é€"]).size`, "5"},
		{"undefined parts", `return new Blob(undefined).size`, "0"},
		{"null parts", `new Blob(null)`, "TypeError: Failed to construct 'Blob': The provided value cannot be converted to a sequence."},
		{"string parts", `new Blob("abc")`, "TypeError: Failed to construct 'Blob': The provided value cannot be converted to a sequence."},
		{"iterable", `return new Blob(new Set(["a", "b"])).text()`, "ab"},
		{"iterator is got once", `var n = 0; var b = new Blob({get [Symbol.iterator]() { n++; return [][Symbol.iterator].bind(["a", "b"]) }}); return n + await b.text()`, "1ab"},
		{"type", `return new Blob([], {type: "Text/HTML;Charset=x"}).type`, "text/html;charset=x"},
		{"bad type", `return new Blob([], {type: "a/\u00e9"}).type + new Blob([], {type: "a\t"}).type`, ""},
		{"transparent", `return JSON.stringify(await new Blob(["a\r\nb\rc\n"]).text())`, `"a\r\nb\rc\n"`},
		{"native", `return JSON.stringify(await new Blob(["a\r\nb\rc\n", new Uint8Array([13])], {endings: "native"}).text())`, `"a\nb\nc\n\r"`},
		{"bad endings", `new Blob([], {endings: "x"})`, "TypeError: Failed to construct 'Blob': Failed to read the 'endings' property from 'BlobPropertyBag': The provided value 'x' is not a valid enum value of type EndingType."},
		{"lone surrogate", `return (await new Blob(["\uD800"]).bytes()).join()`, "239,191,189"},
		{"byte order mark", `return (await new Blob(["\uFEFFa"]).text()) + new Blob(["\uFEFFa"]).size`, "a4"},
		{"malformed", `return new Blob([new Uint8Array([0xE2, 0x82, 65, 0xFF])]).text()`, "\uFFFDA\uFFFD"},
		{"later changes are not seen", `var u = new Uint8Array([65]); var b = new Blob([u]); u[0] = 66; return b.text()`, "A"},
		{"arrayBuffer is a copy", `var b = new Blob(["a"]); new Uint8Array(await b.arrayBuffer())[0] = 66; return b.text()`, "a"},
		{"bytes is a copy", `var b = new Blob(["a"]); (await b.bytes())[0] = 66; return b.text()`, "a"},
		{"stream is a copy", `var b = new Blob(["a"]); (await b.stream().getReader().read()).value[0] = 66; return b.text()`, "a"},
		{"stream", `var r = new Blob(["ab"]).stream().getReader({mode: "byob"}), s = ""; for (;;) { var {value, done} = await r.read(new Uint8Array(1)); if (done) return s; s += value[0] }`, "9798"},
		{"slice", `var b = new Blob(["0123456789"]), s = []; for (var a of [[], [2], [2, 4], [-3], [-3, -1], [5, 2], [-20, 20], [1, undefined, "x"], [NaN, 1], [1.5]]) s.push(await b.slice(...a).text()); return s.join("|")`,
			"0123456789|23456789|23|789|78||0123456789|123456789|0|23456789"},
		{"slice type", `var b = new Blob(["a"], {type: "x/y"}); return [b.slice().type, b.slice(0, 1, "A/B").type, b.slice(0, 1, "\u00ff").type].join()`, ",a/b,"},
		{"too large", `var b = new Blob([new Uint8Array(1 << 20)]); new Blob(Array(129).fill(b))`, "RangeError: Failed to construct 'Blob': The blob would be larger than 134217728 bytes."},
		{"foreign receiver", `return Blob.prototype.text.call({})`, "TypeError: Failed to execute 'text' on 'Blob': Illegal invocation"},
		{"tag", `return Object.prototype.toString.call(new Blob()) + Blob.length`, "[object Blob]0"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, c.js, c.want) })
	}
}

func TestFile(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"members", `var f = new File(["abc"], "a/b.txt", {type: "T/X", lastModified: 5}); return [f.size, f.name, f.type, f.lastModified, await f.text()].join()`, "3,a/b.txt,t/x,5,abc"},
		{"now", `return new File([], "n").lastModified`, "1700000000000"},
		{"is a blob", `var f = new File([], "n"); return (f instanceof Blob) + "" + (new Blob([f]).size) + (Object.getPrototypeOf(File) === Blob) + Object.prototype.toString.call(f)`, "true0true[object File]"},
		{"slice is a blob", `return new File(["ab"], "n").slice(1) instanceof File`, "false"},
		{"no name", `new File([])`, "TypeError: Failed to construct 'File': 2 arguments required, but only 1 present."},
		{"a blob has no name", `return Object.getOwnPropertyDescriptor(File.prototype, "name").get.call(new Blob())`, "TypeError: Illegal invocation"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, c.js, c.want) })
	}
}

func TestFormData(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"text", `var f = new FormData(); f.append("a", 1); f.append("b", "x"); f.append("a", "\uD800"); return [f.get("a"), f.getAll("a"), f.get("z"), f.getAll("z").length, f.has("b"), f.has("z")].join()`, "1,1,\uFFFD,,0,true,false"},
		{"set", `var f = new FormData(); f.append("a", 1); f.append("b", 2); f.append("a", 3); f.set("a", 4); f.set("c", 5); return [...f].join("|")`, "a,4|b,2|c,5"},
		{"delete", `var f = new FormData(); f.append("a", 1); f.append("b", 2); f.delete("a"); f.delete("z"); return [...f].join("|")`, "b,2"},
		{"blob", `var f = new FormData(); f.append("a", new Blob(["x"], {type: "t/s"})); var v = f.get("a"); return [v instanceof File, v.name, v.type, v.lastModified, await v.text(), v === f.get("a")].join()`, "true,blob,t/s,1700000000000,x,true"},
		{"named blob", `var f = new FormData(); f.append("a", new Blob(), "n"); return f.get("a").name`, "n"},
		{"file", `var f = new FormData(), x = new File([], "n"); f.append("a", x); return f.get("a") === x`, "true"},
		{"renamed file", `var f = new FormData(), x = new File(["q"], "n", {lastModified: 3}); f.append("a", x, "m"); var y = f.get("a"); return [y === x, y.name, x.name, y.lastModified, await y.text()].join()`, "false,m,n,3,q"},
		{"file name of undefined", `var f = new FormData(), x = new File(["q"], "n"); f.set("a", x, undefined); return f.get("a").name`, "n"},
		{"file name for a text", `new FormData().append("a", "b", "c")`, "TypeError: Failed to execute 'append' on 'FormData': parameter 2 is not of type 'Blob'."},
		{"too few", `new FormData().set("a")`, "TypeError: Failed to execute 'set' on 'FormData': 2 arguments required, but only 1 present."},
		{"a form", `new FormData({})`, "TypeError: Failed to construct 'FormData': parameter 1 is not of type 'HTMLFormElement'."},
		{"iteration is live", `var f = new FormData(), s = ""; f.append("a", 1); f.append("b", 2); f.append("c", 3); for (var [k] of f) { s += k; f.delete(k) } return s`, "ac"},
		{"forEach", `var f = new FormData(), s = ""; f.append("a", 1); f.forEach((v, k, o) => s += v + k + (o === f)); return s + [...f.keys()] + [...f.values()]`, "1atruea1"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, c.js, c.want) })
	}
}

func TestFetchBody(t *testing.T) {
	js := newRealm()
	v, err := js.VM.RunString(`var f = new FormData(); f.append("a", "1\n"); f.append("b", new File(["x"], "n", {type: "t/s"})); f`)
	if err != nil {
		t.Fatal(err)
	}
	form := webidl.Unwrap(v).(*file.FormData)
	data, contentType, err := form.FetchBody(js)
	if err != nil {
		t.Fatal(err)
	}
	boundary, ok := strings.CutPrefix(contentType, "multipart/form-data; boundary=")
	if !ok || len(boundary) > 70 {
		t.Fatalf("the type is %s", contentType)
	}
	back, err := file.ParseFormData(js, data, boundary)
	if err != nil {
		t.Fatal(err)
	}
	e := back.Entries()
	if len(e) != 2 || e[0].Name != "a" || e[0].Text != "1\r\n" || e[0].File != nil || e[1].Name != "b" ||
		e[1].File.Name() != "n" || e[1].File.Type() != "t/s" || string(e[1].File.Bytes()) != "x" {
		t.Errorf("got %+v", e)
	}
	if _, again, _ := form.FetchBody(js); again == contentType {
		t.Error("two bodies have the same boundary")
	}
}

// TestClone checks that a clone is made in any realm and shares the bytes.
func TestClone(t *testing.T) {
	f := file.NewFile([]byte("abc"), "t/s", "n", 7)
	restore, err := f.Clone()
	if err != nil {
		t.Fatal(err)
	}
	o, err := restore(newRealm())
	if err != nil {
		t.Fatal(err)
	}
	g, ok := webidl.Unwrap(o).(*file.File)
	if !ok || g.Name() != "n" || g.Type() != "t/s" || g.LastModified() != 7 || &g.Bytes()[0] != &f.Bytes()[0] {
		t.Errorf("got %+v", g)
	}
	if restore, err = file.NewBlob([]byte("x"), "t/s").Clone(); err != nil {
		t.Fatal(err)
	}
	if o, err = restore(newRealm()); err != nil {
		t.Fatal(err)
	}
	if _, ok := webidl.Unwrap(o).(*file.Blob); !ok {
		t.Error("the clone of a blob is no blob")
	}
}

func BenchmarkBlob(b *testing.B) {
	js := newRealm()
	v, err := js.VM.RunString(`Blob; (function (n) { for (var i = 0; i < n; i++) new Blob(["hello", " ", "world"], {type: "text/plain"}).slice(2, 5).size })`)
	if err != nil {
		b.Fatal(err)
	}
	run, _ := goja.AssertFunction(v)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := run(goja.Undefined(), js.VM.ToValue(b.N)); err != nil {
		b.Fatal(err)
	}
}
