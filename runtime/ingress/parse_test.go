package ingress

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

func TestTarget(t *testing.T) {
	for in, want := range map[string]string{
		"/":                 "/",
		"/a/b?c=d&e":        "/a/b?c=d&e",
		"/a/./b":            "/a/b",
		"/a/../b":           "/b",
		"/../..":            "/",
		"/a/..":             "/",
		"/a/.":              "/a/",
		"/a/%2E%2e/":        "/",
		"/a/.%2e":           "/",
		"/a/...":            "/a/...",
		"/.well-known/x":    "/.well-known/x",
		"/a//b":             "/a//b",
		`/a\b`:              "/a/b",
		`\a`:                "/a",
		"/a#frag?x":         "/a",
		"/a?b#c":            "/a?b",
		"":                  "/",
		"?x":                "/?x",
		"/\xc3\xa9":         "/%C3%A9",
		"/a?'":              "/a?%27",
		"/'":                "/'",
		"/a%zz":             "/a%zz",
		"/a?../..":          "/a?../..",
		"/{`}^|":            "/%7B%60%7D%5E|",
		"/%2e%2e%2e":        "/%2e%2e%2e",
		"/a/b/../../../c/.": "/c/",
	} {
		if got := string(appendTarget(nil, []byte(in))); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if isSerialised([]byte(in)) && in != want {
			t.Errorf("%q is taken for serialised", in)
		}
	}
}

func FuzzTarget(f *testing.F) {
	for _, s := range []string{"/a/../b?c", "/%2e/x", `/\..`, "?q", "/a#b", "//.."} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out := appendTarget(nil, in)
		if len(out) == 0 || out[0] != '/' {
			t.Fatalf("%q becomes %q", in, out)
		}
		if again := appendTarget(nil, out); !bytes.Equal(out, again) {
			t.Fatalf("%q becomes %q and then %q", in, out, again)
		}
		if isSerialised(in) && !bytes.Equal(in, out) {
			t.Fatalf("%q is taken for serialised but becomes %q", in, out)
		}
		if _, err := url.ParseRequestURI(strings.ReplaceAll(string(out), "%", "")); err != nil {
			t.Fatalf("%q becomes %q: %v", in, out, err)
		}
	})
}

func TestHops(t *testing.T) {
	for in, want := range map[string]int{
		"":                              0,
		"other":                         0,
		"mayfly":                        1,
		"mayfly; hops=4":                4,
		"a; b=c, Mayfly;hops=7 , other": 7,
		"mayfly; hops=2, mayfly;hops=5": 5,
		"mayflying; hops=2":             0,
		"mayfly; hops=99999999999999":   10000,
		"mayfly ;":                      1,
		"mayfly; hops=":                 1,
	} {
		if got := hops(in); got != want && !(want == 10000 && got > 1000) {
			t.Errorf("%q: got %d, want %d", in, got, want)
		}
	}
}

func TestAcceptsCoding(t *testing.T) {
	for _, c := range []struct {
		accept, coding string
		want           bool
	}{
		{"gzip, br", "br", true}, {"gzip", "br", false}, {"", "gzip", false}, {"*", "br", true},
		{"br;q=0, *", "br", false}, {"GZIP ; q=0.5", "gzip", true}, {"gzip;q=0.000", "gzip", false}, {"x-gzip", "gzip", true},
	} {
		if got := acceptsCoding(c.accept, c.coding); got != c.want {
			t.Errorf("%q accepts %s: %v", c.accept, c.coding, got)
		}
	}
}

// FuzzServe gives any bytes to a server; it must answer with HTTP or hang up.
func FuzzServe(f *testing.F) {
	f.Add([]byte(get + get))
	f.Add([]byte(handshake))
	f.Add([]byte("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nx: y\r\n\r\n" + get))
	f.Add([]byte("GET http://a/../b HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n"))
	f.Add([]byte("HEAD / HTTP/1.1\r\nHost: [::1]:1\r\nConnection: a, b\r\na: 1\r\nCDN-Loop: mayfly; hops=3\r\n\r\n"))
	f.Add([]byte("GET / HTTP/1.0\r\nHost:[00]\r\n\r\n"))
	s, err := New(Config{}, HandlerFunc(func(x *Exchange) {
		x.Hops()
		x.UnknownHost()
		req := x.Request()
		for _, h := range req.Header {
			if !isToken(h.Name) || !isValue(h.Value) || strings.ToLower(h.Name) != h.Name {
				panic("bad field " + h.Name)
			}
		}
		if u, err := url.Parse(strings.ReplaceAll(req.URL, "%", "")); err != nil || u.Host == "" || !strings.HasPrefix(u.Path, "/") {
			panic("bad URL " + req.URL)
		}
		_ = x.Respond(&outside.Response{Status: 200, Body: req.Body})
	}))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		c := &scriptConn{discardConn: discardConn{in: in, left: 1}}
		if len(in) == 0 {
			c.left = 0
		}
		s.ServeConn(c)
		if bytes.Contains(c.out.Bytes(), []byte("500 Internal")) {
			t.Fatalf("the handler failed on %q", in)
		}
		br := bufio.NewReader(&c.out)
		for {
			if _, err := br.Peek(1); err == io.EOF {
				return
			}
			// A HEAD response has a length but no body, which is seen as the next response.
			res, err := http.ReadResponse(br, &http.Request{Method: "HEAD"})
			if err != nil {
				return
			}
			if res.StatusCode >= 200 && !strings.HasPrefix(res.Proto, "HTTP/1.") {
				t.Fatalf("%q answered with %v", in, res)
			}
			if res.ContentLength > 0 {
				_, _ = br.Discard(int(res.ContentLength))
			}
		}
	})
}

type scriptConn struct {
	discardConn
	out bytes.Buffer
}

func (c *scriptConn) Write(p []byte) (int, error) { return c.out.Write(p) }

var _ net.Conn = (*scriptConn)(nil)

func TestEncoding(t *testing.T) {
	page := strings.Repeat("all work and no play ", 200)
	decode := map[string]func(io.Reader) (io.Reader, error){
		"":        func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip":    func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"deflate": func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) },
		"br":      func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	}
	for _, c := range []struct {
		name, accept, sets, ctype string
		compress, stream          bool
		want                      string
	}{
		{name: "worker asks", accept: "gzip", sets: "gzip", want: "gzip"},
		{name: "worker asks for br", accept: "br", sets: "br", want: "br"},
		{name: "worker asks for deflate", accept: "deflate", sets: "deflate", want: "deflate"},
		{name: "worker asks, stream", accept: "gzip, br", sets: "br", stream: true, want: "br"},
		{name: "worker asks, client refuses", accept: "br", sets: "gzip", want: ""},
		{name: "off by default", accept: "gzip, br", ctype: "text/html", want: ""},
		{name: "on", accept: "gzip, br", ctype: "text/html; charset=utf-8", compress: true, want: "br"},
		{name: "on, gzip only", accept: "gzip", ctype: "application/json", compress: true, want: "gzip"},
		{name: "on, stream", accept: "gzip", ctype: "text/css", compress: true, stream: true, want: "gzip"},
		{name: "on, image", accept: "gzip", ctype: "image/png", compress: true, want: ""},
		{name: "on, event stream", accept: "gzip", ctype: "text/event-stream", compress: true, want: ""},
		{name: "on, not accepted", ctype: "text/html", compress: true, want: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, addr := serve(t, Config{Compress: c.compress}, func(x *Exchange) {
				res := &outside.Response{Status: 200, Body: outside.Body{Bytes: []byte(page)}}
				if c.stream {
					res.Body = outside.Body{Stream: io.NopCloser(strings.NewReader(page)), Length: int64(len(page))}
				}
				if c.sets != "" {
					res.Header = append(res.Header, outside.Field{Name: "content-encoding", Value: c.sets})
				}
				if c.ctype != "" {
					res.Header = append(res.Header, outside.Field{Name: "content-type", Value: c.ctype})
				}
				if err := x.Respond(res); err != nil {
					t.Error(err)
				}
			})
			req, _ := http.NewRequest("GET", "http://"+addr+"/", nil)
			req.Header.Set("Accept-Encoding", c.accept)
			tr := &http.Transport{DisableCompression: true}
			defer tr.CloseIdleConnections()
			res, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if got := res.Header.Get("Content-Encoding"); got != c.want {
				t.Fatalf("content-encoding %q, want %q", got, c.want)
			}
			if vary := res.Header.Get("Vary"); (vary != "") != (c.compress && c.want != "") {
				t.Errorf("vary %q", vary)
			}
			r, err := decode[c.want](res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || string(got) != page {
				t.Errorf("body %.50q, %v", got, err)
			}
		})
	}
}
