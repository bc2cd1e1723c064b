package encoding_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestStreams(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"decode", `pass(new TextDecoderStream(), [new Uint8Array([0xE2, 0x82]), new Uint8Array([0xAC, 0x61])])`, "€a"},
		{"cut off", `pass(new TextDecoderStream(), [new Uint8Array([0x61, 0xE2])])`, "a|\uFFFD"},
		{"fatal", `pass(new TextDecoderStream("utf-8", {fatal: true}), [new Uint8Array([0xFF])])`, "TypeError"},
		{"not bytes", `pass(new TextDecoderStream(), ["text"])`, "TypeError"},
		{"bad label", `try { new TextDecoderStream("nope") } catch (e) { out(e.name) }`, "RangeError"},
		{"attributes", `var s = new TextDecoderStream("latin1", {ignoreBOM: true}); out([s.encoding, s.fatal, s.ignoreBOM].join())`, "windows-1252,false,true"},
		{"encode", `pass(new TextEncoderStream(), ["aé", 5])`, "97,195,169|53"},
		{"pair across chunks", `pass(new TextEncoderStream(), ["\ud83d", "", "\udca9x"])`, "240,159,146,169,120"},
		{"lone surrogates", `pass(new TextEncoderStream(), ["a\ud83d", "b\ud83d"])`, "97|239,191,189,98|239,191,189"},
		{"symbol", `pass(new TextEncoderStream(), [Symbol()])`, "TypeError"},
	} {
		t.Run(c.name, func(t *testing.T) {
			js := webidl.NewRealm(goja.New(), webidl.Options{Globals: webidl.NewGlobals(dom.Globals, streams.Globals, encoding.Globals)})
			var out []string
			js.VM.Set("out", func(s string) { out = append(out, s) })
			if _, err := js.VM.RunString(`async function pass(stream, chunks) {
					try {
						var w = stream.writable.getWriter();
						(async () => { for (var c of chunks) await w.write(c); await w.close() })().catch(() => {});
						for (var r = stream.readable.getReader(), x; !(x = await r.read()).done;) out(String(x.value));
					} catch (e) { out(e.name) }
				}` + c.js); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(out, "|"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
