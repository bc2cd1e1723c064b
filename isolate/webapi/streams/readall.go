package streams

import (
	"context"
	"io"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// ReadAll reads the stream to its end and calls done, on the loop, with all its bytes,
// which done owns unless the stream was made from bytes: then they are those given to
// NewFromBytes. It fails with a TypeError if a chunk is not a Uint8Array, and with a
// RangeError past limit bytes; limit 0 means none. done may be called before ReadAll
// returns. The stream must not be locked; it is locked afterwards.
func ReadAll(js *webidl.Realm, s *ReadableStream, limit int64, done func([]byte, error)) {
	body, ok := s.TakeSource(js)
	switch {
	case !ok:
		r, err := acquireDefaultReader(s)
		if err != nil {
			done(nil, err)
			return
		}
		(&collector{reader: r, limit: limit, done: done}).run(js)
	case body.Stream == nil:
		done(body.Bytes, nil)
	default:
		length := body.Length
		err := js.Go(func(ctx context.Context) func() {
			defer context.AfterFunc(ctx, func() { body.Close() })()
			b, err := readAll(body.Stream, length, limit)
			body.Close()
			return func() { js.Atomically(func() { done(b, err) }) }
		}, func(err error) { js.Atomically(func() { done(nil, err) }) })
		if err != nil {
			body.Close()
			done(nil, err)
		}
	}
}

func tooLong(limit int64) error {
	return webidl.RangeError("The stream yields more than the limit of %d bytes", limit)
}

func readAll(r io.Reader, length, limit int64) ([]byte, error) {
	if limit > 0 && length > limit {
		return nil, tooLong(limit)
	}
	// A declared length is only believed so far: memory is for bytes that came.
	b := make([]byte, 0, max(512, min(length+1, 1<<20)))
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case limit > 0 && int64(len(b)) > limit:
			return nil, tooLong(limit)
		case err == io.EOF || err == nil && int64(len(b)) == length:
			return b, nil
		case err != nil:
			return nil, err
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}

// collector is the read-loop of https://streams.spec.whatwg.org/#readablestreamdefaultreader-read-all-bytes
type collector struct {
	reader  *defaultReader
	bytes   []byte
	limit   int64
	done    func([]byte, error)
	looping bool // chunks that come at once are taken in a loop, not by recursion
	again   bool
}

func (c *collector) run(js *webidl.Realm) {
	c.looping, c.again = true, true
	for c.again {
		c.again = false
		c.reader.readTo(js, c)
	}
	c.looping = false
}

func (c *collector) chunk(js *webidl.Realm, v goja.Value) {
	b, ok := chunkBytes(js, v)
	var err error
	if !ok {
		err = notBytes()
	} else if c.bytes = append(c.bytes, b...); c.limit > 0 && int64(len(c.bytes)) > c.limit {
		err = tooLong(c.limit)
	}
	if err != nil {
		e := js.ErrorValue(err)
		c.reader.stream.Cancel(js, e)
		c.done(nil, webidl.Throw(e))
		return
	}
	if c.again = true; !c.looping {
		c.run(js)
	}
}

func (c *collector) close(*webidl.Realm) {
	if c.bytes == nil {
		c.bytes = []byte{}
	}
	c.done(c.bytes, nil)
}

func (c *collector) fail(_ *webidl.Realm, e goja.Value) { c.done(nil, webidl.Throw(e)) }

func notBytes() error { return webidl.TypeError("Received non-Uint8Array chunk") }

// chunkBytes returns the bytes of a Uint8Array, aliasing the script's memory.
func chunkBytes(js *webidl.Realm, v goja.Value) ([]byte, bool) {
	view, ok := js.ViewOf(v)
	if !ok || view.Kind != "Uint8Array" {
		return nil, false
	}
	return view.Bytes(), true
}
