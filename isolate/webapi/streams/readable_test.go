package streams_test

import (
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
