package ingress

import (
	"compress/flate"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A coding is what becomes of a response's content-encoding.
type coding uint8

const (
	codingKeep     coding = iota // as the response says, whatever that is
	codingIdentity               // none: a content-encoding header is dropped
	codingGzip
	codingBrotli
	codingDeflate
)

var codingNames = [...]string{codingGzip: "gzip", codingBrotli: "br", codingDeflate: "deflate"}

// minCompress is the smallest body that Config.Compress touches.
const minCompress = 1 << 10

// chooseCoding tells with which coding res goes out, and whether the body has
// still to be encoded.
func (x *Exchange) chooseCoding(res *outside.Response) (c coding, encode bool) {
	if res.KeepEncoding || res.Status == 204 || res.Status == 205 || res.Status == 304 {
		return codingKeep, false
	}
	named := ""
	n := 0
	for i := range res.Header {
		if is(res.Header[i].Name, "content-encoding") {
			named = res.Header[i].Value
			n++
		}
	}
	if n > 1 {
		return codingKeep, false
	}
	if n == 1 {
		switch {
		case is(named, "gzip"):
			c = codingGzip
		case is(named, "br"):
			c = codingBrotli
		case is(named, "deflate"):
			c = codingDeflate
		default:
			return codingKeep, false
		}
		if res.Body.None() || !x.accepts(c) {
			return codingIdentity, false
		}
		return c, true
	}
	if !x.c.srv.cfg.Compress || !compressible(res) {
		return codingKeep, false
	}
	switch {
	case x.accepts(codingBrotli):
		return codingBrotli, true
	case x.accepts(codingGzip):
		return codingGzip, true
	}
	return codingKeep, false
}

// negotiated reports whether the coding was the server's choice, so that caches
// must be told what it depends on.
func (x *Exchange) negotiated(res *outside.Response) bool {
	for i := range res.Header {
		if is(res.Header[i].Name, "content-encoding") || is(res.Header[i].Name, "vary") && hasListItem(res.Header[i].Value, "accept-encoding") {
			return false
		}
	}
	return true
}

// accepts reports whether the client's accept-encoding allows c
// (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3).
func (x *Exchange) accepts(c coding) bool {
	for _, s := range x.head.spans {
		if s.n1-s.n0 == 15 && is(x.head.raw[s.n0:s.n1], "accept-encoding") {
			if acceptsCoding(view(x.head.raw[s.v0:s.v1]), codingNames[c]) {
				return true
			}
		}
	}
	return false
}

func acceptsCoding(accept, name string) bool {
	star := false
	for item := range strings.SplitSeq(accept, ",") {
		item = trim(item)
		token, params, _ := strings.Cut(item, ";")
		token = trim(token)
		ok := !zeroQuality(params)
		switch {
		case is(token, name), name == "gzip" && is(token, "x-gzip"):
			return ok
		case token == "*":
			star = ok
		}
	}
	return star
}

// zeroQuality reports whether params hold q=0, q=0.0 and so on.
func zeroQuality(params string) bool {
	for p := range strings.SplitSeq(params, ";") {
		p = trim(p)
		if len(p) >= 3 && lower(p[0]) == 'q' && p[1] == '=' {
			return strings.Trim(p[2:], "0.") == "" && p[2] == '0'
		}
	}
	return false
}

// compressible reports whether Config.Compress is about res.
func compressible(res *outside.Response) bool {
	if res.Body.None() || res.Body.Stream == nil && len(res.Body.Bytes) < minCompress || res.Status == 206 {
		return false
	}
	ct := ""
	for i := range res.Header {
		f := &res.Header[i]
		switch {
		case is(f.Name, "content-type"):
			ct = f.Value
		case is(f.Name, "cache-control") && hasListItem(f.Value, "no-transform"):
			return false
		}
	}
	ct, _, _ = strings.Cut(ct, ";")
	ct = strings.ToLower(trim(ct))
	if strings.HasPrefix(ct, "text/") {
		// Event streams gain little and clients mind the delay.
		return ct != "text/event-stream"
	}
	if strings.HasSuffix(ct, "+json") || strings.HasSuffix(ct, "+xml") {
		return true
	}
	switch ct {
	case "application/json", "application/javascript", "application/x-javascript", "application/xml",
		"application/wasm", "application/manifest+json", "application/graphql", "application/x-ndjson",
		"font/ttf", "font/otf", "image/svg+xml", "image/bmp", "image/x-icon":
		return true
	}
	return false
}

// An encoder is a compressor that can be used again.
type encoder interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// encoders lends encoders of one coding.
type encoders struct {
	make func() encoder
	pool sync.Pool
}

func (e *encoders) get(w io.Writer) encoder {
	enc, ok := e.pool.Get().(encoder)
	if !ok {
		enc = e.make()
	}
	enc.Reset(w)
	return enc
}

func (e *encoders) put(enc encoder) {
	enc.Reset(io.Discard)
	e.pool.Put(enc)
}

func newGzip() encoder {
	w, _ := gzip.NewWriterLevel(io.Discard, 5) // a valid level
	return w
}

// newDeflate makes the zlib format, which is what HTTP calls deflate.
func newDeflate() encoder {
	w, _ := zlib.NewWriterLevel(io.Discard, flate.DefaultCompression) // a valid level
	return w
}

func newBrotli() encoder { return brotli.NewWriterLevel(io.Discard, 4) }

func (s *Server) encoders(c coding) *encoders {
	switch c {
	case codingGzip:
		return &s.gzips
	case codingBrotli:
		return &s.brotlis
	}
	return &s.deflates
}

// encodeBytes is p encoded, or nil if that failed.
func (x *Exchange) encodeBytes(c coding, p []byte) []byte {
	w := &sliceWriter{make([]byte, 0, len(p)/2+64)}
	pool := x.c.srv.encoders(c)
	enc := pool.get(w)
	defer pool.put(enc)
	if _, err := enc.Write(p); err != nil {
		return nil
	}
	if enc.Close() != nil {
		return nil
	}
	return w.b
}

type sliceWriter struct{ b []byte }

func (w *sliceWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}

// copyEncoded sends a streamed body encoded, flushing after each piece read.
func (x *Exchange) copyEncoded(src io.Reader, c coding, frame framing) error {
	w := &sliceWriter{}
	pool := x.c.srv.encoders(c)
	enc := pool.get(w)
	defer pool.put(enc)
	in := make([]byte, streamChunk)
	for done := false; !done; {
		n, err := src.Read(in)
		if n > 0 {
			_, _ = enc.Write(in[:n]) // sliceWriter never fails
		}
		switch err {
		case nil:
			_ = enc.Flush()
		case io.EOF:
			_ = enc.Close()
			done = true
		default:
			return x.abort(err, frame)
		}
		if err := x.sendPieces(w.b, frame); err != nil {
			return err
		}
		w.b = w.b[:0]
	}
	return x.finishChunks(frame)
}

// sendPieces sends p in framed chunks.
func (x *Exchange) sendPieces(p []byte, frame framing) error {
	for len(p) > 0 {
		buf := x.chunkBuffer()
		n := copy(buf[chunkHead:chunkHead+streamChunk], p)
		p = p[n:]
		x.bytesOut += int64(n)
		if err := x.c.write(frameChunk(buf, n, frame)); err != nil {
			return x.sent(err)
		}
	}
	return nil
}
