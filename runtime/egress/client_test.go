package egress

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"golang.org/x/net/dns/dnsmessage"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func newClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func open(t testing.TB) *Client { return newClient(t, Config{Guard: Guard{Allow: loopback}}) }

func serveHTTP(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func read(t testing.TB, res *outside.Response) string {
	t.Helper()
	defer res.Body.Close()
	if res.Body.Stream == nil {
		return string(res.Body.Bytes)
	}
	b, err := io.ReadAll(res.Body.Stream)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func header(res *outside.Response, name string) (values []string) {
	for _, f := range res.Header {
		if f.Name == name {
			values = append(values, f.Value)
		}
	}
	return values
}

func TestFetch(t *testing.T) {
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.WriteHeader(201)
		fmt.Fprintf(w, "%s %s %s %d %q\n", r.Method, r.Host, r.URL, r.ContentLength, body)
		for _, name := range []string{"Accept-Encoding", "Connection", "Te", "User-Agent", "X-A", "Cdn-Loop", "Traceparent", "Upgrade"} {
			fmt.Fprintf(w, "%s=%q ", name, r.Header[name])
		}
	})
	host := strings.TrimPrefix(s.URL, "http://")
	call := &outside.Call{Hops: 4, Traceparent: "00-1-2-01"}
	for _, c := range []struct {
		name string
		req  outside.Request
		want string
	}{
		{"plain", outside.Request{Method: "GET", URL: s.URL + "/a?b=c#d"},
			"GET " + host + " /a?b=c 0 \"\"\nAccept-Encoding=[\"gzip, br\"] Connection=[] Te=[] User-Agent=[] X-A=[] Cdn-Loop=[\"mayfly; hops=4\"] Traceparent=[\"00-1-2-01\"] Upgrade=[] "},
		{"headers", outside.Request{Method: "GET", URL: s.URL + "/", Header: []outside.Field{
			{Name: "host", Value: "elsewhere"}, {Name: "connection", Value: "x-a"}, {Name: "te", Value: "trailers"}, {Name: "x-a", Value: "1"},
			{Name: "x-a", Value: "2"}, {Name: "user-agent", Value: "me"}, {Name: "accept-encoding", Value: "br"}, {Name: "upgrade", Value: "h2c"},
			{Name: "cdn-loop", Value: "other, mayfly; hops=1"}, {Name: "content-length", Value: "77"}, {Name: "traceparent", Value: "mine"}}},
			"GET " + host + " / 0 \"\"\nAccept-Encoding=[\"br\"] Connection=[] Te=[] User-Agent=[\"me\"] X-A=[\"1\" \"2\"] Cdn-Loop=[\"other, mayfly; hops=4\"] Traceparent=[\"mine\"] Upgrade=[] "},
		{"bytes", outside.Request{Method: "POST", URL: s.URL + "/", Body: outside.Body{Bytes: []byte("abc")}}, "POST " + host + " / 3 \"abc\"\n"},
		{"empty", outside.Request{Method: "POST", URL: s.URL + "/", Body: outside.Body{Bytes: []byte{}}}, "POST " + host + " / 0 \"\"\n"},
		{"stream", outside.Request{Method: "PUT", URL: s.URL + "/", Body: outside.Body{Stream: io.NopCloser(strings.NewReader("abc")), Length: -1}}, "PUT " + host + " / -1 \"abc\"\n"},
		{"sized stream", outside.Request{Method: "PUT", URL: s.URL + "/", Body: outside.Body{Stream: io.NopCloser(strings.NewReader("abc")), Length: 3}}, "PUT " + host + " / 3 \"abc\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := open(t).Fetch(t.Context(), call, &c.req)
			if err != nil {
				t.Fatal(err)
			}
			if res.Status != 201 || res.StatusText != "Created" || res.Redirected || strings.Contains(res.URL, "#") {
				t.Errorf("got %+v", res)
			}
			if v := header(res, "set-cookie"); len(v) != 2 || v[0] != "a=1" {
				t.Errorf("set-cookie %q", v)
			}
			if got := read(t, res); !strings.HasPrefix(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %q ct=%q auth=%q cookie=%q x=%q", r.Method, r.URL.Path, body,
			r.Header.Get("Content-Type"), r.Header.Get("Authorization"), r.Header.Get("Cookie"), r.Header.Get("X-A"))
	}
	other := serveHTTP(t, echo)
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{"here": "/end", "there": other.URL + "/end", "file": "file:///etc/passwd", "loop": r.URL.String(), "bad": "http://[", "none": ""}
		var status int
		var where string
		if n, _ := fmt.Sscanf(r.URL.Path, "/%d/%s", &status, &where); n == 2 {
			if to[where] != "" {
				w.Header().Set("Location", to[where])
			}
			w.WriteHeader(status)
			return
		}
		echo(w, r)
	})
	headers := []outside.Field{{Name: "authorization", Value: "A"}, {Name: "cookie", Value: "C"}, {Name: "x-a", Value: "X"}, {Name: "content-type", Value: "T"}}
	for _, c := range []struct {
		path, method, mode string
		stream             bool
		want               string // the body, or part of the error after "error: "
	}{
		{path: "/301/here", method: "POST", want: `GET /end "" ct="" auth="A" cookie="C" x="X"`},
		{path: "/302/here", method: "POST", want: `GET /end "" ct="" auth="A" cookie="C" x="X"`},
		{path: "/302/here", method: "PUT", want: `PUT /end "body" ct="T" auth="A" cookie="C" x="X"`},
		{path: "/303/here", method: "PUT", want: `GET /end "" ct="" auth="A" cookie="C" x="X"`},
		{path: "/307/here", method: "POST", want: `POST /end "body" ct="T" auth="A" cookie="C" x="X"`},
		{path: "/308/there", method: "POST", want: `POST /end "body" ct="T" auth="" cookie="" x="X"`},
		{path: "/302/there", method: "GET", want: `GET /end "" ct="T" auth="" cookie="" x="X"`},
		{path: "/307/here", method: "POST", stream: true, want: "error: streamed body"},
		{path: "/303/here", method: "POST", stream: true, want: `GET /end "" ct=""`},
		{path: "/302/file", method: "GET", want: "error: no http or https URL"},
		{path: "/302/bad", method: "GET", want: "error: Invalid redirect"},
		{path: "/302/loop", method: "GET", want: "error: Too many redirects"},
		{path: "/302/here", method: "GET", mode: outside.RedirectError, want: "error: Unexpected redirect"},
		{path: "/302/here", method: "GET", mode: outside.RedirectManual, want: "302"},
		{path: "/302/none", method: "GET", want: "302"},
		{path: "/304/here", method: "GET", want: "304"},
	} {
		t.Run(fmt.Sprint(c.method, c.path, c.mode, c.stream), func(t *testing.T) {
			req := &outside.Request{Method: c.method, URL: s.URL + c.path, Header: headers, Redirect: c.mode}
			if c.method != "GET" {
				req.Body = outside.Body{Bytes: []byte("body")}
			}
			if c.stream {
				req.Body = outside.Body{Stream: io.NopCloser(strings.NewReader("body")), Length: 4}
			}
			res, err := open(t).Fetch(t.Context(), nil, req)
			if part, ok := strings.CutPrefix(c.want, "error: "); ok {
				var e *outside.Error
				if !errors.As(err, &e) || e.Kind != outside.KindType || !strings.Contains(e.Message, part) {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := read(t, res)
			if res.Status != 200 {
				got = fmt.Sprint(res.Status)
			} else if !res.Redirected || !strings.HasSuffix(res.URL, "/end") {
				t.Errorf("redirected %v to %s", res.Redirected, res.URL)
			}
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestPrivateNetworksRefused(t *testing.T) {
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) { t.Error("the request got through") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	c := newClient(t, Config{Guard: Guard{Allow: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}}})
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "169.254.169.254", "[64:ff9b::7f00:1]"} {
		_, err := c.Fetch(t.Context(), nil, &outside.Request{Method: "GET", URL: "http://" + host + ":" + port + "/"})
		var e *outside.Error
		if !errors.As(err, &e) || e.Kind != outside.KindNetwork || !strings.Contains(e.Message, "--egress-allow") {
			t.Errorf("%s: got %v", host, err)
		}
	}
	// Spellings that some resolvers take for addresses.
	c = newClient(t, Config{Resolver: fakeDNS(t, [4]byte{127, 0, 0, 1})})
	for _, host := range []string{"0177.0.0.1", "0x7f.1", "2130706433", "127.1"} {
		_, err := c.Fetch(t.Context(), nil, &outside.Request{Method: "GET", URL: "http://" + host + ":" + port + "/"})
		// Go's resolver does not even look some of them up.
		if err == nil || !strings.Contains(err.Error(), "--egress-allow") && !strings.Contains(err.Error(), "no such host") {
			t.Errorf("%s: got %v", host, err)
		}
	}
}

func TestRedirectIntoPrivateNetwork(t *testing.T) {
	inner := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) { t.Error("the request got through") })
	outer := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(inner.URL, "127.0.0.1", "127.0.0.2", 1), http.StatusFound)
	})
	c := newClient(t, Config{Guard: Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}})
	_, err := c.Fetch(t.Context(), nil, &outside.Request{Method: "GET", URL: outer.URL})
	if err == nil || !strings.Contains(err.Error(), "--egress-allow 127.0.0.2/32") {
		t.Errorf("got %v", err)
	}
}

// fakeDNS answers each query for an A record with the next address.
func fakeDNS(t *testing.T, answers ...[4]byte) *net.Resolver {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	go func() {
		buf := make([]byte, 1500)
		for next := 0; ; {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			var q dnsmessage.Message
			if q.Unpack(buf[:n]) != nil {
				continue
			}
			q.Response, q.Additionals = true, nil
			if q.Questions[0].Type == dnsmessage.TypeA {
				q.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 0},
					Body:   &dnsmessage.AResource{A: answers[min(next, len(answers)-1)]},
				}}
				next++
			}
			if out, err := q.Pack(); err == nil {
				_, _ = pc.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

// TestRebinding has a name that first leads to an allowed address, then to a private one.
func TestRebinding(t *testing.T) {
	var served atomic.Int32
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		w.Header().Set("Connection", "close")
	})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	c := newClient(t, Config{
		Guard:    Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}},
		Resolver: fakeDNS(t, [4]byte{127, 0, 0, 1}, [4]byte{127, 0, 0, 2}),
	})
	req := &outside.Request{Method: "GET", URL: "http://rebind.example:" + port + "/"}
	if _, err := c.Fetch(t.Context(), nil, req); err != nil {
		t.Fatal(err)
	}
	_, err := c.Fetch(t.Context(), nil, req)
	if err == nil || !strings.Contains(err.Error(), "connecting to 127.0.0.2:"+port+" is refused") || served.Load() != 1 {
		t.Errorf("second fetch: %v, %d served", err, served.Load())
	}
}

func TestErrors(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := ln.Addr().String()
	ln.Close()
	hangs := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	for _, c := range []struct {
		url, want string
		kind      outside.ErrorKind
	}{
		{"ftp://example.com/", "must be http or https", outside.KindType},
		{"/relative", "cannot load", outside.KindType},
		{"http://" + closed, "connection refused", outside.KindNetwork},
		{hangs.URL, "Network connection lost.", outside.KindNetwork},
		{secure.URL, "certificate is not trusted", outside.KindNetwork},
	} {
		_, err := open(t).Fetch(t.Context(), nil, &outside.Request{Method: "GET", URL: c.url})
		var e *outside.Error
		if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(e.Message, c.want) {
			t.Errorf("%s: got %v", c.url, err)
		}
	}
}

func TestCancel(t *testing.T) {
	reached := make(chan bool, 1)
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(w, "begin")
			w.(http.Flusher).Flush()
		}
		reached <- true
		<-r.Context().Done()
	})
	cause := errors.New("told to stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-reached; cancel(cause) }()
	if _, err := open(t).Fetch(ctx, nil, &outside.Request{Method: "GET", URL: s.URL}); err != cause {
		t.Errorf("waiting for the head: %v", err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	res, err := open(t).Fetch(ctx, nil, &outside.Request{Method: "GET", URL: s.URL + "/body"})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	<-reached
	cancel(cause)
	if _, err := io.ReadAll(res.Body.Stream); err != cause {
		t.Errorf("reading the body: %v", err)
	}
}

// TestRequestLimit holds the only slot by an unread body.
func TestRequestLimit(t *testing.T) {
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(make([]byte, 100)) })
	c := newClient(t, Config{Guard: Guard{Allow: loopback}, MaxRequests: 1})
	req := &outside.Request{Method: "GET", URL: s.URL}
	first, err := c.Fetch(t.Context(), nil, req)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Fetch(ctx, nil, req); err != context.Canceled {
		t.Errorf("second request: %v", err)
	}
	_ = first.Body.Close()
	second, err := c.Fetch(t.Context(), nil, req)
	if err != nil {
		t.Fatal(err)
	}
	read(t, second)
	_ = second.Body.Close()
	if len(c.slots) != 0 {
		t.Errorf("%d slots are still taken", len(c.slots))
	}
}

func TestHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c := newClient(t, Config{Guard: Guard{Allow: loopback}, RootCAs: roots})
	res, err := c.Fetch(t.Context(), nil, &outside.Request{Method: "GET", URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, res); got != "HTTP/2.0" {
		t.Errorf("spoke %s", got)
	}
}

func TestHammer(t *testing.T) {
	s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/r" {
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
			return
		}
		body, _ := io.ReadAll(r.Body) // HTTP/1 servers read first and answer then
		_, _ = w.Write(body)
	})
	c := newClient(t, Config{Guard: Guard{Allow: loopback}, MaxRequests: 8, MaxConnsPerHost: 4})
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 30 {
				body := strings.Repeat("x", i*j*31)
				res, err := c.Fetch(t.Context(), &outside.Call{Hops: 1}, &outside.Request{
					Method: "POST", URL: s.URL + [...]string{"/", "/r"}[j%2], Body: outside.Body{Bytes: []byte(body)}})
				if err != nil {
					t.Error(err)
					return
				}
				if j%5 == 0 {
					_ = res.Body.Close()
				} else if got := read(t, res); got != body {
					t.Errorf("got %d bytes, want %d", len(got), len(body))
				}
			}
		})
	}
	wg.Wait()
	if len(c.slots) != 0 {
		t.Errorf("%d slots are still taken", len(c.slots))
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []Config{{MaxConnsPerHost: -1}, {MaxRequests: -1}, {DialTimeout: -1}, {Guard: Guard{Allow: []netip.Prefix{{}}}}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}

func BenchmarkFetch(b *testing.B) {
	s := serveHTTP(b, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello") })
	c := open(b)
	b.ReportAllocs()
	for b.Loop() {
		res, err := c.Fetch(b.Context(), nil, &outside.Request{Method: "GET", URL: s.URL})
		if err != nil {
			b.Fatal(err)
		}
		read(b, res)
	}
}
