package streams_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

const mebibyte = 1 << 20

// script compiles a function and returns a call of it as a turn that lasts until the
// loop has drained.
func (r *rig) function(b *testing.B, source string) func(args ...func() goja.Value) {
	v, err := r.js.VM.RunString("(" + source + ")")
	if err != nil {
		b.Fatal(err)
	}
	f, _ := goja.AssertFunction(v)
	return func(args ...func() goja.Value) {
		select {
		case <-r.drained:
		default:
		}
		err := r.js.Loop.Do(&eventloop.Task{Run: func() {
			var list []goja.Value
			for _, a := range args {
				list = append(list, a())
			}
			if _, err := f(goja.Undefined(), list...); err != nil {
				b.Error(err)
			}
		}})
		if err != nil {
			b.Fatal(err)
		}
		<-r.drained
		if r.text() != "" {
			b.Fatal(r.text())
		}
	}
}

// BenchmarkScriptTransform passes 1 MiB in 64 KiB chunks through a script's TransformStream.
func BenchmarkScriptTransform(b *testing.B) {
	r := newRig(b)
	run := r.function(b, `async function () {
		var n = 0, i = 0;
		var source = new ReadableStream({ pull(c) { if (i++ < 16) c.enqueue(new Uint8Array(65536)); else c.close() } });
		var out = source.pipeThrough(new TransformStream({ transform(chunk, c) { c.enqueue(chunk) } })).getReader();
		for (;;) { var x = await out.read(); if (x.done) break; n += x.value.length }
		if (n != 1048576) note("got " + n);
	}`)
	b.SetBytes(mebibyte)
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
}

// BenchmarkNativeReader reads 1 MiB that Go makes by getReader.
func BenchmarkNativeReader(b *testing.B) {
	r := newRig(b)
	run := r.function(b, `async function (stream) {
		var n = 0, reader = stream.getReader();
		for (;;) { var x = await reader.read(); if (x.done) break; n += x.value.length }
		if (n != 1048576) note("got " + n);
	}`)
	content := make([]byte, mebibyte)
	b.SetBytes(mebibyte)
	b.ReportAllocs()
	for b.Loop() {
		run(func() goja.Value {
			return streams.NewFromSource(r.js, io.NopCloser(bytes.NewReader(content)), mebibyte).Wrap(r.js)
		})
	}
}

// BenchmarkJoined passes 1 MiB from Go to Go through an IdentityTransformStream that a
// script has piped to.
func BenchmarkJoined(b *testing.B) {
	r := newRig(b)
	run := r.function(b, `function (stream, take) { var it = new IdentityTransformStream(); stream.pipeTo(it.writable); take(it.readable) }`)
	content := make([]byte, mebibyte)
	take := r.js.VM.ToValue(func(v goja.Value) {
		s, _ := webidl.As[*streams.ReadableStream](v)
		body, ok := s.TakeSource(r.js)
		if !ok {
			b.Fatal("not joined")
		}
		r.js.Loop.Begin()
		go func() {
			defer r.js.Loop.Complete(nil)
			io.Copy(io.Discard, body.Stream)
			body.Close()
		}()
	})
	b.SetBytes(mebibyte)
	b.ReportAllocs()
	for b.Loop() {
		run(func() goja.Value {
			return streams.NewFromSource(r.js, io.NopCloser(bytes.NewReader(content)), mebibyte).Wrap(r.js)
		}, func() goja.Value { return take })
	}
}

// BenchmarkScriptBody reads a script's stream of 1 MiB from outside the loop.
func BenchmarkScriptBody(b *testing.B) {
	r := newRig(b)
	v, err := r.js.VM.RunString(`(function () { var i = 0; return new ReadableStream({ pull(c) { if (i++ < 16) c.enqueue(new Uint8Array(65536)); else c.close() } }) })`)
	if err != nil {
		b.Fatal(err)
	}
	f, _ := goja.AssertFunction(v)
	b.SetBytes(mebibyte)
	b.ReportAllocs()
	for b.Loop() {
		var body io.ReadCloser
		r.turn(b, func() {
			v, err := f(goja.Undefined())
			if err != nil {
				b.Fatal(err)
			}
			s, _ := webidl.As[*streams.ReadableStream](v)
			x, err := streams.Body(r.js, s)
			if err != nil {
				b.Fatal(err)
			}
			body = x.Stream
		})
		if n, err := io.Copy(io.Discard, body); n != mebibyte || err != nil {
			b.Fatal(n, err)
		}
		body.Close()
	}
}

// BenchmarkNewFromBytes makes the stream of a body that nobody looks at.
func BenchmarkNewFromBytes(b *testing.B) {
	r := newRig(b)
	content := []byte("hello")
	b.ReportAllocs()
	for b.Loop() {
		streams.NewFromBytes(r.js, content)
	}
}

// BenchmarkSmallChunks passes 1000 small chunks through a script's TransformStream.
func BenchmarkSmallChunks(b *testing.B) {
	r := newRig(b)
	run := r.function(b, `async function () {
		var n = 0, i = 0;
		var source = new ReadableStream({ pull(c) { if (i++ < 1000) c.enqueue("chunk"); else c.close() } });
		var out = source.pipeThrough(new TransformStream({ transform(chunk, c) { c.enqueue(chunk) } })).getReader();
		for (;;) { var x = await out.read(); if (x.done) break; n++ }
		if (n != 1000) note("got " + n);
	}`)
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
}
