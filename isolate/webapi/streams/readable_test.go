package streams_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// rig is a realm with the streams globals, and a loop that tells when it has drained.
type rig struct {
	js      *webidl.Realm
	drained chan struct{}
	mu      sync.Mutex
	log     []string
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{drained: make(chan struct{}, 1)}
	loop := eventloop.New(eventloop.Options{Drained: func() {
		select {
		case r.drained <- struct{}{}:
		default:
		}
	}})
	r.js = webidl.NewRealm(goja.New(), webidl.Options{Loop: loop, Globals: webidl.NewGlobals(streams.Globals, []webidl.Global{webidl.Expose(webidl.DOMException)})})
	r.js.VM.Set("note", func(v goja.Value) { r.note(v.String()) })
	return r
}

func (r *rig) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	r.log = append(r.log, format)
}

// run runs a script as a turn and waits until nothing can happen any more.
func (r *rig) run(t testing.TB, script string) {
	t.Helper()
	select {
	case <-r.drained: // of an earlier turn
	default:
	}
	r.turn(t, func() {
		if _, err := r.js.VM.RunString(script); err != nil {
			t.Error(err)
		}
	})
	<-r.drained
}

func (r *rig) turn(t testing.TB, f func()) {
	t.Helper()
	if err := r.js.Loop.Do(&eventloop.Task{Run: func() { r.js.Atomically(f) }}); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.log, " ")
}

const readLoop = `
	function text(bytes) { var s = ""; for (var i = 0; i < bytes.length; i++) s += String.fromCharCode(bytes[i]); return s }
	async function collect(stream) {
		var reader = stream.getReader(), all = [];
		for (;;) { var r = await reader.read(); if (r.done) return all; all.push(typeof r.value == "object" ? text(r.value) : r.value) }
	}
`

func TestNativeStream(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"read", `collect(stream).then(l => note(l.join("|")))`, "hello |world"},
		{"byob", `(async () => { var reader = stream.getReader({mode: "byob"}), out = [], buffer = new ArrayBuffer(4);
			for (;;) { var r = await reader.read(new Uint8Array(buffer)); if (r.done) break; out.push(text(r.value)); buffer = r.value.buffer }
			note(out.join("|")) })()`, "hell|o |worl|d"},
		{"cancel", `stream.cancel("no").then(() => note("cancelled"))`, "cancelled closed"},
		{"locked", `stream.getReader(); try { stream.getReader() } catch (e) { note(e.constructor.name) }`, "TypeError"},
		{"tee", `var [a, b] = stream.tee(); Promise.all([collect(a), collect(b)]).then(l => note(l.map(x => x.join("")).join(",")))`, "hello world,hello world"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			source := &chunks{list: []string{"hello ", "world"}, closed: make(chan struct{})}
			r.turn(t, func() {
				r.js.VM.Set("stream", streams.NewFromSource(r.js, source, -1).Wrap(r.js))
			})
			r.run(t, readLoop+c.script)
			if strings.HasSuffix(c.want, "closed") {
				<-source.closed
				r.note("closed")
			}
			if got := r.text(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// chunks is a source that yields one string a Read.
type chunks struct {
	list   []string
	closed chan struct{}
	once   sync.Once
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.list) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.list[0])
	if c.list[0] = c.list[0][n:]; c.list[0] == "" {
		c.list = c.list[1:]
	}
	return n, nil
}

func (c *chunks) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// A script's stream is read from outside the loop.
func TestBody(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"chunks", `new ReadableStream({ pull(c) { if (i++ < 3) c.enqueue(new Uint8Array([48 + i])); else c.close() } })`, "123"},
		{"empty chunks", `new ReadableStream({ start(c) { c.enqueue(new Uint8Array(0)); c.enqueue(new Uint8Array([49])); c.enqueue(new Uint8Array(0)) }, pull(c) { i++; c.enqueue(new Uint8Array(0)); if (i == 3) c.enqueue(new Uint8Array([50])); if (i == 5) c.close() } })`, "12"},
		{"late", `new ReadableStream({ async pull(c) { await 0; await 0; c.enqueue(new Uint8Array(0)); if (i++ < 3) c.enqueue(new Uint8Array([48 + i])); else c.close() } })`, "123"},
		{"string", `new ReadableStream({ pull(c) { c.enqueue("no") } })`, "error: TypeError: Received non-Uint8Array chunk"},
		{"error", `new ReadableStream({ pull(c) { c.error(new RangeError("bad")) } })`, "error: RangeError: bad"},
		{"bytes", `new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([65, 66])); c.close() } })`, "AB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			var body io.ReadCloser
			r.turn(t, func() {
				v, err := r.js.VM.RunString("var i = 0;" + c.script)
				if err != nil {
					t.Fatal(err)
				}
				s, _ := webidl.As[*streams.ReadableStream](v)
				b, err := streams.Body(r.js, s)
				if err != nil {
					t.Fatal(err)
				}
				body = b.Stream
			})
			b, err := io.ReadAll(body)
			got := string(b)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			body.Close()
			<-r.drained
		})
	}
}

func TestReadAll(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"script", `new ReadableStream({ start(c) { for (var i = 0; i < 2000; i++) c.enqueue(new Uint8Array([49])); c.close() } })`, strings.Repeat("1", 2000)},
		{"late", `new ReadableStream({ async pull(c) { await 0; c.enqueue(new Uint8Array([49])); if (i++ == 2) c.close() } })`, "111"},
		{"other chunks", `new ReadableStream({ start(c) { c.enqueue(new Uint16Array([49])) } })`, "TypeError: Received non-Uint8Array chunk"},
		{"error", `new ReadableStream({ start(c) { c.error(new RangeError("bad")) } })`, "RangeError: bad"},
		{"locked", `locked`, "TypeError: ReadableStreamDefaultReader constructor can only accept readable streams that are not yet locked to a reader"},
		{"too long", `new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1000)) }, cancel() { note("cancelled") } })`, "cancelled RangeError: The stream yields more than the limit of 5000 bytes"},
		{"Go", `native`, "hello world"},
		{"begun", `begun`, "world"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			source := func() goja.Value {
				return streams.NewFromSource(r.js, &chunks{list: []string{"hello ", "world"}, closed: make(chan struct{})}, -1).Wrap(r.js)
			}
			r.turn(t, func() {
				r.js.VM.Set("native", source())
				r.js.VM.Set("begun", source())
			})
			r.run(t, `var i = 0, locked = new ReadableStream(); locked.getReader(); var reader = begun.getReader(); reader.read().then(() => reader.releaseLock())`)
			<-drainedAfter(t, r, func() {
				v, err := r.js.VM.RunString(c.script)
				if err != nil {
					t.Fatal(err)
				}
				s, _ := webidl.As[*streams.ReadableStream](v)
				streams.ReadAll(r.js, s, 5000, func(b []byte, err error) {
					if err != nil {
						r.note("%s", r.js.ErrorValue(err).String())
						return
					}
					r.note("%s", b)
				})
			})
			if got := r.text(); got != c.want {
				t.Errorf("got %.100q, want %.100q", got, c.want)
			}
		})
	}
}

func drainedAfter(t *testing.T, r *rig, f func()) <-chan struct{} {
	select {
	case <-r.drained:
	default:
	}
	r.turn(t, f)
	return r.drained
}

// Closing a body while a read waits for the script ends the read and cancels the stream.
func TestBodyCloseWhileReading(t *testing.T) {
	for range 50 {
		r := newRig(t)
		var body io.ReadCloser
		asked := make(chan struct{})
		r.js.VM.Set("asked", func() { close(asked) })
		r.turn(t, func() {
			v, err := r.js.VM.RunString(`new ReadableStream({ pull() { asked(); return new Promise(() => {}) }, cancel(e) { note(e.name) } }, { highWaterMark: 0 })`)
			if err != nil {
				t.Fatal(err)
			}
			s, _ := webidl.As[*streams.ReadableStream](v)
			b, err := streams.Body(r.js, s)
			if err != nil {
				t.Fatal(err)
			}
			body = b.Stream
		})
		result := make(chan error)
		go func() {
			_, err := body.Read(make([]byte, 1))
			result <- err
		}()
		<-asked
		body.Close()
		if err := <-result; err == nil {
			t.Fatal("read of a closed body succeeded")
		}
		if _, err := body.Read(make([]byte, 1)); err == nil {
			t.Fatal("read after close succeeded")
		}
		r.turn(t, func() {})
		if r.text() != "AbortError" {
			t.Fatalf("cancelled with %q", r.text())
		}
	}
}

// A body whose invocation ends fails, whether or not the loop still runs.
func TestBodyOfEndedInvocation(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	loop := eventloop.New(eventloop.Options{})
	js := webidl.NewRealm(goja.New(), webidl.Options{Loop: loop, Globals: webidl.NewGlobals(streams.Globals),
		Ambient: func() (context.Context, error) { return ctx, nil }})
	var body io.ReadCloser
	if err := loop.Do(&eventloop.Task{Run: func() {
		v, err := js.VM.RunString(`new ReadableStream()`)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := webidl.As[*streams.ReadableStream](v)
		b, err := streams.Body(js, s)
		if err != nil {
			t.Fatal(err)
		}
		body = b.Stream
	}}); err != nil {
		t.Fatal(err)
	}
	loop.Close()
	over := errors.New("over")
	cancel(over)
	if _, err := body.Read(make([]byte, 1)); err != over {
		t.Errorf("got %v, want %v", err, over)
	}
	body.Close()
}

func TestNewFromBytesAllocates(t *testing.T) {
	r := newRig(t)
	b := []byte("hello")
	if n := testing.AllocsPerRun(100, func() { streams.NewFromBytes(r.js, b) }); n > 3 {
		t.Errorf("a stream of bytes takes %v allocations", n)
	}
}
