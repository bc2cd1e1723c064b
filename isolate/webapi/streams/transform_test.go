package streams_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// upper makes ASCII letters big and ends with a mark.
type upper struct{}

func (upper) Transform(dst, chunk []byte) ([]byte, error) {
	if bytes.Contains(chunk, []byte("!")) {
		return dst, webidl.TypeError("no exclamations")
	}
	return append(dst, bytes.ToUpper(chunk)...), nil
}

func (upper) Flush(dst []byte) ([]byte, error) { return append(dst, '.'), nil }

func TestTransform(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"script writes", `var w = up.writable.getWriter(); w.write(new TextBytes("ab")); w.write(new TextBytes("cd").buffer); w.close();
			collect(up.readable).then(l => note(l.join("|")))`, "AB|CD|."},
		{"wrong chunk", `var w = up.writable.getWriter(); w.write("text").catch(e => note(String(e)));
			collect(up.readable).catch(e => note(e.constructor.name))`, "TypeError TypeError: The provided value is not of type '(ArrayBuffer or ArrayBufferView)'."},
		{"joined", `collect(stream.pipeThrough(up)).then(l => note(l.join("|")))`, "HELLO |WORLD|."},
		{"joined twice", `collect(stream.pipeThrough(up).pipeThrough(new IdentityTransformStream())).then(l => note(l.join("")))`, "HELLO WORLD."},
		{"not joined", `collect(stream.pipeThrough(up, {preventAbort: true})).then(l => note(l.join("|")))`, "HELLO |WORLD|."},
		{"state after join", `var it = new IdentityTransformStream();
			var p = stream.pipeTo(it.writable); note(stream.locked); note(it.writable.locked);
			collect(it.readable).then(l => note(l.join(""))); p.then(() => { note("piped"); note(stream.locked); note(it.writable.locked); return it.writable.getWriter().closed }).then(() => note("closed"))`,
			"true true piped false false hello world closed"},
		{"cancelled", `var it = new IdentityTransformStream(); var p = stream.pipeTo(it.writable);
			p.catch(e => note(e)); it.readable.cancel("stop").then(() => note("done"))`, "stop done"},
		{"script source", `var i = 0; collect(new ReadableStream({ pull(c) { if (i++ < 2) c.enqueue(new TextBytes("x" + i)); else c.close() } }).pipeThrough(up)).then(l => note(l.join("|")))`, "X1|X2|."},
		{"fixed length", `var f = new FixedLengthStream(5); collect(f.readable).then(l => note(l.join("|")));
			var w = f.writable.getWriter(); w.write(new TextBytes("hel")); w.write(new TextBytes("lo")); w.close()`, "hel|lo"},
		{"too few", `var f = new FixedLengthStream(5n); collect(f.readable).catch(e => note(e.message));
			var w = f.writable.getWriter(); w.write(new TextBytes("hel")); w.close().catch(() => {})`, "FixedLengthStream did not see all expected bytes before close()."},
		{"too many", `var f = new FixedLengthStream(2); collect(f.readable).catch(e => note(e.message));
			var w = f.writable.getWriter(); w.write(new TextBytes("hel")).catch(() => {})`, "Attempt to write too many bytes through a FixedLengthStream."},
		{"fixed joined", `collect(stream.pipeThrough(new FixedLengthStream(11))).then(l => note(l.join("|")))`, "hello |world"},
		{"fixed joined too few", `collect(stream.pipeThrough(new FixedLengthStream(12))).catch(e => note(e.message))`, "FixedLengthStream did not see all expected bytes before close()."},
		{"no length", `try { new FixedLengthStream(-1) } catch (e) { note(e.constructor.name) }`, "TypeError"},
		{"classes", `var f = new FixedLengthStream(1); note([f instanceof IdentityTransformStream, f instanceof TransformStream, f.constructor.name].join())`, "true,true,FixedLengthStream"},
		{"byob", `var it = new IdentityTransformStream(), w = it.writable.getWriter(); w.write(new TextBytes("abcdef")); w.close();
			(async () => { var r = it.readable.getReader({mode: "byob"}), out = []; for (;;) { var x = await r.read(new Uint8Array(4)); if (x.done) break; out.push(text(x.value)) } note(out.join("|")) })()`, "abcd|ef"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			source := &chunks{list: []string{"hello ", "world"}, closed: make(chan struct{})}
			r.turn(t, func() {
				r.js.VM.Set("stream", streams.NewFromSource(r.js, source, -1).Wrap(r.js))
				r.js.VM.Set("up", streams.NewByteTransform(r.js, upper{}).Wrap(r.js))
			})
			r.run(t, readLoop+`function TextBytes(s) { var b = new Uint8Array(s.length); for (var i = 0; i < s.length; i++) b[i] = s.charCodeAt(i); return b }`+c.script)
			if got := r.text(); got != c.want {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

// What a script joins Go takes out as one reader, and the script hears how it ended.
func TestJoinedBody(t *testing.T) {
	for _, c := range []struct{ name, source, want, heard string }{
		{"whole", "hello world", "HELLO WORLD.", "piped"},
		{"failing", "hello!", "error: TypeError: no exclamations", "TypeError: no exclamations"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			var body outside.Body
			r.turn(t, func() {
				r.js.VM.Set("stream", streams.NewFromSource(r.js, io.NopCloser(strings.NewReader(c.source)), -1).Wrap(r.js))
				r.js.VM.Set("up", streams.NewByteTransform(r.js, upper{}).Wrap(r.js))
				v, err := r.js.VM.RunString(`var it = new IdentityTransformStream();
					stream.pipeThrough(up).pipeTo(it.writable).then(() => note("piped"), e => note(String(e))); it.readable`)
				if err != nil {
					t.Fatal(err)
				}
				s, _ := webidl.As[*streams.ReadableStream](v)
				var ok bool
				if body, ok = s.TakeSource(r.js); !ok {
					t.Fatal("the joined stream cannot be taken")
				}
			})
			b, err := io.ReadAll(body.Stream)
			body.Close()
			got := string(b)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			<-r.drained
			if r.text() != c.heard {
				t.Errorf("script heard %q, want %q", r.text(), c.heard)
			}
		})
	}
}

func TestBytesStayBytes(t *testing.T) {
	r := newRig(t)
	r.turn(t, func() {
		s := streams.NewFromBytes(r.js, []byte("abc"))
		a, b, err := s.Tee(r.js)
		if err != nil || !s.Locked() || !s.Disturbed() {
			t.Fatal(err, s.Locked(), s.Disturbed())
		}
		for _, x := range []*streams.ReadableStream{a, b} {
			body, ok := x.TakeSource(r.js)
			if !ok || string(body.Bytes) != "abc" {
				t.Error(ok, body)
			}
		}
	})
}

func TestProxy(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"Go", `native`, "true hello"},
		{"script", `new ReadableStream({ start(c) { c.enqueue("a"); c.enqueue("b"); c.close() } })`, "true a|b"},
		{"failing", `new ReadableStream({ start(c) { c.error("bad") } })`, "true bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.js.VM.Set("native", streams.NewFromBytes(r.js, []byte("hello")).Wrap(r.js))
			r.turn(t, func() {
				v, err := r.js.VM.RunString(c.script)
				if err != nil {
					t.Fatal(err)
				}
				s, _ := webidl.As[*streams.ReadableStream](v)
				p, err := s.Proxy(r.js)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := s.Proxy(r.js); err == nil {
					t.Error("a locked stream was taken")
				}
				r.js.VM.Set("proxy", p.Wrap(r.js))
				r.note("%v", s.Locked())
			})
			r.run(t, readLoop+`collect(proxy).then(l => note(l.join("|")), note)`)
			if got := r.text(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
