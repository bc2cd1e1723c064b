package compression_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/compression"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

const prelude = `
	function encode(s) { var b = new Uint8Array(s.length); for (var i = 0; i < s.length; i++) b[i] = s.charCodeAt(i); return b }
	function feed() { var list = [...arguments]; return new ReadableStream({ start(c) { list.forEach(x => c.enqueue(x)); c.close() } }) }
	async function collect(stream) {
		var reader = stream.getReader(), all = [];
		for (;;) { var r = await reader.read(); if (r.done) return new Uint8Array(all); for (var i = 0; i < r.value.length; i++) all.push(r.value[i]) }
	}
	async function text(stream) { return String.fromCharCode(...await collect(stream)) }
	async function bytes(s, format) { return await collect(feed(encode(s)).pipeThrough(new CompressionStream(format))) }
`

func TestStreams(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"unknown format", `try { new CompressionStream("lzma") } catch (e) { note(e.message) }`,
			"Failed to construct 'CompressionStream': The provided value 'lzma' is not a valid enum value of type CompressionFormat."},
		{"byte by byte", `bytes("hello hello hello", "gzip").then(b => text(feed(...Array.from(b, x => new Uint8Array([x]))).pipeThrough(new DecompressionStream("gzip")))).then(note)`,
			"hello hello hello"},
		{"truncated", `bytes("hello", "deflate").then(b => text(feed(b.subarray(0, 9)).pipeThrough(new DecompressionStream("deflate")))).catch(e => note(String(e)))`,
			"TypeError: Compressed input was truncated."},
		{"empty", `text(feed().pipeThrough(new DecompressionStream("gzip"))).catch(e => note(String(e)))`,
			"TypeError: Compressed input was truncated."},
		{"trailing", `bytes("hello", "gzip").then(b => text(feed(b, encode("x")).pipeThrough(new DecompressionStream("gzip")))).catch(e => note(String(e)))`,
			"TypeError: Trailing bytes after end of compressed data"},
		{"trailing in the same chunk", `bytes("hello", "deflate-raw").then(b => text(feed(new Uint8Array([...b, 1])).pipeThrough(new DecompressionStream("deflate-raw")))).catch(e => note(String(e)))`,
			"TypeError: Trailing bytes after end of compressed data"},
		{"corrupt", `text(feed(encode("this is no gzip data")).pipeThrough(new DecompressionStream("gzip"))).catch(e => note(String(e)))`,
			"TypeError: The compressed data was not valid: gzip: invalid header."},
		{"not bytes", `text(feed("text").pipeThrough(new CompressionStream("gzip"))).catch(e => note(e.constructor.name))`, "TypeError"},
		{"from Go", `text(fromGo.pipeThrough(new DecompressionStream("gzip"))).then(note)`, "from Go"},
		{"cancel", `var d = new DecompressionStream("gzip"); var w = d.writable.getWriter(); w.write(new Uint8Array([31, 139])).catch(() => {});
			d.readable.cancel("enough").then(() => note("cancelled"))`, "cancelled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := run(t, prelude+c.script); got != c.want {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
	for _, format := range []string{"gzip", "deflate", "deflate-raw", "brotli"} {
		t.Run(format, func(t *testing.T) {
			script := fmt.Sprintf(`var s = "abcdefghij".repeat(2000); bytes(s, %q).then(async b => {
				note(b.length < 2000); note(await text2(feed(b).pipeThrough(new DecompressionStream(%[1]q))) == s) });
				async function text2(stream) { var b = await collect(stream), s = ""; for (var i = 0; i < b.length; i += 1000) s += String.fromCharCode(...b.subarray(i, i + 1000)); return s }`, format)
			if got := run(t, prelude+script); got != "true true" {
				t.Error(got)
			}
		})
	}
}

func run(t *testing.T, script string) string {
	t.Helper()
	drained := make(chan struct{}, 1)
	loop := eventloop.New(eventloop.Options{Drained: func() {
		select {
		case drained <- struct{}{}:
		default:
		}
	}})
	js := webidl.NewRealm(goja.New(), webidl.Options{Loop: loop, Globals: webidl.NewGlobals(streams.Globals, compression.Globals)})
	var log []string
	js.VM.Set("note", func(v goja.Value) { log = append(log, v.String()) })
	js.VM.Set("fromGo", streams.NewFromBytes(js, zip("from Go")).Wrap(js))
	if err := loop.Do(&eventloop.Task{Run: func() {
		if _, err := js.VM.RunString(script); err != nil {
			t.Error(err)
		}
	}}); err != nil {
		t.Fatal(err)
	}
	<-drained
	return strings.Join(log, " ")
}

func zip(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.Bytes()
}
