package egress

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

func encode(t testing.TB, coding, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "raw":
		w, _ = flate.NewWriter(&b, 5)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDecoding(t *testing.T) {
	text := strings.Repeat("all work and no play ", 1000)
	twice := encode(t, "br", string(encode(t, "gzip", text)))
	var sent []byte
	var coding string
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", coding)
		w.Header().Set("Content-Length", fmt.Sprint(len(sent)))
		if r.Method != "HEAD" {
			_, _ = w.Write(sent)
		}
	})
	for _, c := range []struct {
		name, coding string
		body         []byte
		keep         bool
		want, fails  string
	}{
		{name: "gzip", coding: "gzip", body: encode(t, "gzip", text), want: text},
		{name: "x-gzip", coding: "X-GZIP", body: encode(t, "gzip", text), want: text},
		{name: "br", coding: "br", body: encode(t, "br", text), want: text},
		{name: "deflate", coding: "deflate", body: encode(t, "zlib", text), want: text},
		{name: "raw deflate", coding: "deflate", body: encode(t, "raw", text), want: text},
		{name: "two codings", coding: "gzip, br", body: twice, want: text},
		{name: "too many codings", coding: "gzip, gzip, gzip", body: []byte("as is"), want: "as is"},
		{name: "unknown", coding: "zstd", body: []byte("as is"), want: "as is"},
		{name: "kept", coding: "gzip", body: encode(t, "gzip", text), keep: true, want: string(encode(t, "gzip", text))},
		{name: "empty", coding: "gzip", body: nil, want: ""},
		{name: "corrupt gzip", coding: "gzip", body: []byte("nonsense, and long enough"), fails: "could not be decoded"},
		{name: "corrupt br", coding: "br", body: bytes.Repeat([]byte{0xff}, 50), fails: "could not be decoded"},
		{name: "cut off", coding: "gzip", body: encode(t, "gzip", text)[:40], fails: "Network connection lost."},
	} {
		t.Run(c.name, func(t *testing.T) {
			sent, coding = c.body, c.coding
			res, err := open(t).Fetch(t.Context(), nil, &outside.Request{Method: "GET", URL: s.URL, KeepEncoding: c.keep})
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if v := header(res, "content-encoding"); len(v) != 1 {
				t.Errorf("content-encoding is %q", v)
			}
			if c.fails != "" {
				_, err := io.ReadAll(res.Body.Stream)
				var e *outside.Error
				if !errors.As(err, &e) || !strings.Contains(e.Message, c.fails) {
					t.Errorf("got %v", err)
				}
				return
			}
			if got := read(t, res); got != c.want {
				t.Errorf("got %d bytes %.30q", len(got), got)
			}
			if res.KeepEncoding != c.keep {
				t.Error("KeepEncoding is wrong")
			}
		})
	}
	sent, coding = encode(t, "gzip", text), "gzip"
	res, err := open(t).Fetch(t.Context(), nil, &outside.Request{Method: "HEAD", URL: s.URL})
	if err != nil || !res.Body.None() {
		t.Errorf("HEAD: %+v, %v", res, err)
	}
}

// TestBomb reads the beginning of a body that decodes to a gigabyte.
func TestBomb(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	zeros := make([]byte, 1<<20)
	for range 64 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	})
	res, err := open(t).Fetch(t.Context(), nil, &outside.Request{Method: "GET", URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	p := make([]byte, 4096)
	if allocs := testing.AllocsPerRun(100, func() {
		if _, err := io.ReadFull(res.Body.Stream, p); err != nil {
			t.Fatal(err)
		}
	}); allocs > 5 {
		t.Errorf("%v allocations for each 4 KiB read", allocs)
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add("gzip", encode(f, "gzip", "hello"))
	f.Add("br", encode(f, "br", "hello"))
	f.Add("deflate", encode(f, "raw", "hello"))
	f.Add("gzip, deflate", encode(f, "zlib", "hello"))
	f.Fuzz(func(t *testing.T, coding string, body []byte) {
		r, ok := decoder([]string{coding}, bytes.NewReader(body))
		if !ok {
			return
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
	})
}
