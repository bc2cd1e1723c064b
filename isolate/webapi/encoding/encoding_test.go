package encoding_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestLookup(t *testing.T) {
	for label, want := range map[string]string{
		"utf-8": "utf-8", " UTF8\n": "utf-8", "latin1": "windows-1252", "ascii": "windows-1252", "ucs-2": "utf-16le",
		"unicodefffe": "utf-16be", "gb2312": "gbk", "sjis": "shift_jis", "iso-2022-kr": "replacement",
		"x-user-defined": "x-user-defined", "iso-8859-8-i": "iso-8859-8-i", "": "", "utf-7": "", "\u212aoi8-r": "", "utf 8": "", "\vutf-8": "",
	} {
		got := ""
		if e := encoding.Lookup(label); e != nil {
			got = e.Name
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", label, got, want)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ label, in, want, fatal string }{
		{"utf-8", "abc", "abc", "abc"},
		{"utf-8", "\xEF\xBB\xBFa", "a", "a"},
		{"utf-8", "\xEF\xBB\xBF\xEF\xBB\xBFa", "\uFEFFa", "\uFEFFa"},
		{"utf-8", "\xF0\x9F\x92\xA9\xC3\xA9", "💩é", "💩é"},
		{"utf-8", "\xE2\x82", "\uFFFD", "!"},
		{"utf-8", "\xF0\x9F\x92x", "\uFFFDx", "!"},
		{"utf-8", "\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD", "!"},
		{"utf-8", "\xC0\x80\xF8", "\uFFFD\uFFFD\uFFFD", "!"},
		{"utf-16le", "\xFF\xFEa\x00\x3D\xD8\xA9\xDC", "a💩", "a💩"},
		{"utf-16be", "\x00a\xDC\x00\x00b", "a\uFFFDb", "!"},
		{"utf-16le", "\x3D\xD8a\x00", "\uFFFDa", "!"},
		{"utf-16le", "a\x00\x3D\xD8", "a\uFFFD", "!"},
		{"utf-16le", "a", "\uFFFD", "!"},
		{"latin1", "\x80\xE9\x81", "€é\u0081", "€é\u0081"},
		{"iso-8859-2", "\x80\xB1", "\u0080ą", "\u0080ą"},
		{"windows-1253", "\xAA", "\uFFFD", "!"},
		{"gbk", "\xC4\xE3\xA8\xBC\x81\x30\x81\x30", "你ḿ\u0080", "你ḿ\u0080"},
		{"gb18030", "\x81\x30\xFF", "\uFFFD0\uFFFD", "!"},
		{"shift_jis", "\x82\xA0", "あ", "あ"},
		{"euc-kr", "\xB0\xA1", "가", "가"},
		{"big5", "\xA4\xA4", "中", "中"},
		{"iso-2022-jp", "a\x1B$B$\"\x1B(Bb", "aあb", "aあb"},
		{"iso-2022-jp", "\x1B(J\\~", "¥‾", "¥‾"},
		{"iso-2022-jp", "\x1B(x", "\uFFFD(x", "!"},
	} {
		for _, fatal := range []bool{false, true} {
			want := c.want
			if fatal {
				want = c.fatal
			}
			d := encoding.Decoder{Encoding: encoding.Lookup(c.label), Fatal: fatal}
			if got := whole(&d, c.in); got != want {
				t.Errorf("%s %q fatal %v: got %q, want %q", c.label, c.in, fatal, got, want)
			}
			if got := bytewise(&d, c.in); got != want {
				t.Errorf("%s %q fatal %v, byte by byte: got %q, want %q", c.label, c.in, fatal, got, want)
			}
		}
	}
}

func whole(d *encoding.Decoder, in string) string {
	s, err := d.Decode([]byte(in), true)
	if err != nil {
		return "!"
	}
	return s
}

func bytewise(d *encoding.Decoder, in string) string {
	var b strings.Builder
	for i := 0; i < len(in); i++ {
		s, err := d.Decode([]byte(in[i:i+1]), false)
		if err != nil {
			return "!"
		}
		b.WriteString(s)
	}
	s, err := d.Decode(nil, true)
	if err != nil {
		return "!"
	}
	return b.String() + s
}

// However the input is cut, the text is the same, and it is valid UTF-8.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"abc", "\xEF\xBB\xBFx", "\xE2\x82\xAC\xE2", "\x1B$B$\"", "\x81\x30\x81\x30", "\xFE\xFF\xD8\x00"} {
		f.Add("utf-8", []byte(s))
		f.Add("utf-16be", []byte(s))
		f.Add("iso-2022-jp", []byte(s))
		f.Add("gb18030", []byte(s))
		f.Add("shift_jis", []byte(s))
	}
	f.Fuzz(func(t *testing.T, label string, in []byte) {
		e := encoding.Lookup(label)
		if e == nil {
			return
		}
		d := encoding.Decoder{Encoding: e}
		a, b := whole(&d, string(in)), bytewise(&d, string(in))
		if !utf8.ValidString(a) {
			t.Errorf("%s %q: %q is no valid UTF-8", label, in, a)
		}
		if a != b {
			t.Errorf("%s %q: %q at once, %q byte by byte", label, in, a, b)
		}
	})
}

func newRealm() *webidl.Realm {
	return webidl.NewRealm(goja.New(), webidl.Options{Globals: webidl.NewGlobals(encoding.Globals)})
}

func TestScripts(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"encode", `new TextEncoder().encode("é💩\ud800").join()`, "195,169,240,159,146,169,239,191,189"},
		{"encode nothing", `new TextEncoder().encode().length`, "0"},
		{"encodeInto", `var b = new Uint8Array(5), r = new TextEncoder().encodeInto("a💩é", b); [r.read, r.written, b].join()`, "3,5,97,240,159,146,169"},
		{"encodeInto too small", `var b = new Uint8Array(3), r = new TextEncoder().encodeInto("a💩", b); [r.read, r.written, b].join()`, "1,1,97,0,0"},
		{"encodeInto a DataView", `try { new TextEncoder().encodeInto("", new DataView(new ArrayBuffer(1))) } catch (e) { e.name }`, "TypeError"},
		{"decode", `new TextDecoder().decode(new Uint8Array([104, 105]))`, "hi"},
		{"decode nothing", `new TextDecoder().decode() === ""`, "true"},
		{"decode a view", `new TextDecoder().decode(new DataView(new Uint8Array([97, 98, 99]).buffer, 1, 1))`, "b"},
		{"decode a number", `try { new TextDecoder().decode(1) } catch (e) { e.name }`, "TypeError"},
		{"stream", `var d = new TextDecoder(); d.decode(new Uint8Array([0xE2, 0x82]), {stream: true}) + d.decode(new Uint8Array([0xAC]))`, "€"},
		{"fatal", `try { new TextDecoder("utf-8", {fatal: true}).decode(new Uint8Array([255])) } catch (e) { String(e) }`, "TypeError: Failed to execute 'decode' on 'TextDecoder': The encoded data was not valid."},
		{"after fatal", `var d = new TextDecoder("utf-8", {fatal: true}); try { d.decode(new Uint8Array([0xE2]), {stream: true}); d.decode(new Uint8Array([255])) } catch (e) {} d.decode(new Uint8Array([97]))`, "a"},
		{"bad label", `try { new TextDecoder("nope") } catch (e) { String(e) }`, "RangeError: Failed to construct 'TextDecoder': The encoding label provided ('nope') is invalid."},
		{"replacement", `try { new TextDecoder("iso-2022-kr") } catch (e) { e.name }`, "RangeError"},
		{"attributes", `var d = new TextDecoder("LATIN1", {ignoreBOM: 1}); [d.encoding, d.fatal, d.ignoreBOM].join()`, "windows-1252,false,true"},
		{"ignoreBOM", `new TextDecoder("utf-8", {ignoreBOM: true}).decode(new Uint8Array([0xEF, 0xBB, 0xBF])).length`, "1"},
		{"btoa", `btoa("aé\0")`, "YekA"},
		{"btoa beyond", `try { btoa("€") } catch (e) { e.name }`, "InvalidCharacterError"},
		{"atob", `atob(" YQ = =\n")`, "a"},
		{"atob bytes", `atob("/+8").charCodeAt(1)`, "239"},
		{"atob bad", `try { atob("a") } catch (e) { e.name }`, "InvalidCharacterError"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := newRealm().VM.RunString(c.js)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// One piece of plain text costs one copy.
func TestDecodeAllocations(t *testing.T) {
	d := encoding.Decoder{Encoding: encoding.UTF8}
	for _, in := range []string{strings.Repeat("plain ", 100), strings.Repeat("é€💩", 50)} {
		b := []byte(in)
		if n := testing.AllocsPerRun(100, func() { _, _ = d.Decode(b, true) }); n > 1 {
			t.Errorf("%d bytes: %v allocations", len(b), n)
		}
	}
}

func benchmark(b *testing.B, code string) {
	js := newRealm()
	f, err := js.VM.RunString(code)
	if err != nil {
		b.Fatal(err)
	}
	run, _ := goja.AssertFunction(f)
	b.ReportAllocs()
	b.ResetTimer()
	run(goja.Undefined(), js.VM.ToValue(b.N))
}

func BenchmarkEncode(b *testing.B) {
	benchmark(b, `var e = new TextEncoder(), s = "x".repeat(1000); (function (n) { for (var i = 0; i < n; i++) e.encode(s) })`)
}

func BenchmarkDecode(b *testing.B) {
	benchmark(b, `var d = new TextDecoder(), s = new TextEncoder().encode("x".repeat(1000)); (function (n) { for (var i = 0; i < n; i++) d.decode(s) })`)
}

func BenchmarkBtoa(b *testing.B) {
	benchmark(b, `var s = "x".repeat(1000); (function (n) { for (var i = 0; i < n; i++) atob(btoa(s)) })`)
}
