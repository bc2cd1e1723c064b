package httpcache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A clock is set by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func newCache(t testing.TB, cfg Config) (*Cache, *clock) {
	t.Helper()
	k := &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	cfg.Now = k.now
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c, k
}

// fields reads "name: value" lines.
func fields(lines ...string) (f []outside.Field) {
	for _, l := range lines {
		name, v, _ := strings.Cut(l, ": ")
		f = append(f, outside.Field{Name: name, Value: v})
	}
	return f
}

func request(lines ...string) *outside.Request {
	return &outside.Request{Method: "GET", URL: "https://example.com/a?b", Header: fields(lines...)}
}

func response(body string, lines ...string) *outside.Response {
	return &outside.Response{Status: 200, StatusText: "Fine", Header: fields(lines...), Body: outside.Body{Bytes: []byte(body)}}
}

func put(t testing.TB, a Account, req *outside.Request, res *outside.Response) {
	t.Helper()
	if err := a.CachePut(context.Background(), nil, "", req, res); err != nil {
		t.Fatal(err)
	}
}

func match(t testing.TB, a Account, req *outside.Request) *outside.Response {
	t.Helper()
	res, err := a.CacheMatch(context.Background(), nil, "", req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestMatch(t *testing.T) {
	c, k := newCache(t, Config{})
	a := c.Account("one")
	put(t, a, request(), response("hello", "Cache-Control: max-age=60", "ETag: \"e\"", "Age: 5", "x-a: 1", "x-a: 2"))
	k.add(10 * time.Second)
	res := match(t, a, request())
	if res == nil || res.Status != 200 || res.StatusText != "Fine" || string(res.Body.Bytes) != "hello" {
		t.Fatalf("got %+v", res)
	}
	want := fields("cache-control: max-age=60", "etag: \"e\"", "x-a: 1", "x-a: 2", "age: 15", "cf-cache-status: HIT")
	if !slices.Equal(res.Header, want) {
		t.Errorf("header %v, want %v", res.Header, want)
	}
	for name, req := range map[string]*outside.Request{
		"other query": {Method: "GET", URL: "https://example.com/a?c"},
		"HEAD":        {Method: "HEAD", URL: "https://example.com/a?b"},
		"POST":        {Method: "POST", URL: "https://example.com/a?b"},
	} {
		if match(t, a, req) != nil {
			t.Errorf("%s matches", name)
		}
	}
	if match(t, a, &outside.Request{Method: "GET", URL: "https://example.com/a?b#frag"}) == nil {
		t.Error("the fragment counts")
	}
	if match(t, c.Account("two"), request()) != nil {
		t.Error("another account sees the entry")
	}
	if res, _ := a.CacheMatch(context.Background(), nil, "named", request()); res != nil {
		t.Error("another cache has the entry")
	}
	k.add(45 * time.Second)
	if match(t, a, request()) != nil || c.Len() != 0 || c.Bytes() != 0 {
		t.Errorf("after its time: %d entries, %d bytes", c.Len(), c.Bytes())
	}
}

func TestFreshness(t *testing.T) {
	date := func(d time.Duration) string {
		return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).Add(d).Format(http.TimeFormat)
	}
	for _, c := range []struct {
		header []string
		status int
		want   time.Duration // 0 for not stored
	}{
		{[]string{"cache-control: max-age=60"}, 200, time.Minute},
		{[]string{"cache-control: max-age=60, s-maxage=120"}, 200, 2 * time.Minute},
		{[]string{"cache-control: public", "cache-control: MAX-AGE = 60"}, 200, time.Minute},
		{[]string{`cache-control: max-age="60"`}, 200, time.Minute},
		{[]string{"cache-control: max-age=0"}, 200, 0},
		{[]string{"cache-control: max-age=-1"}, 200, 0},
		{[]string{"cache-control: max-age"}, 200, 0},
		{[]string{"cache-control: max-age=99999999999999999999"}, 200, maxAge},
		{[]string{"cache-control: s-maxage=0, max-age=60"}, 200, 0},
		{[]string{"cache-control: no-store, max-age=60"}, 200, 0},
		{[]string{"cache-control: max-age=60, private"}, 200, 0},
		{[]string{"cache-control: no-cache, max-age=60"}, 200, 0},
		{[]string{`cache-control: no-cache="x-a", max-age=60`}, 200, time.Minute},
		{[]string{"cache-control: max-age=60", "age: 20"}, 200, 40 * time.Second},
		{[]string{"cache-control: max-age=60", "age: 60"}, 200, 0},
		{[]string{"expires: " + date(time.Hour)}, 200, time.Hour},
		{[]string{"expires: " + date(time.Hour), "date: " + date(-time.Hour)}, 200, 2 * time.Hour},
		{[]string{"expires: " + date(time.Hour), "cache-control: max-age=60"}, 200, time.Minute},
		{[]string{"expires: " + date(-time.Hour)}, 200, 0},
		{[]string{"expires: 0"}, 200, 0},
		{[]string{"cdn-cache-control: max-age=60", "cache-control: no-store"}, 200, time.Minute},
		{[]string{"cloudflare-cdn-cache-control: no-store", "cdn-cache-control: max-age=60"}, 200, 0},
		{nil, 200, 2 * time.Hour},
		{nil, 302, 20 * time.Minute},
		{nil, 404, 3 * time.Minute},
		{nil, 500, 0},
		{nil, 307, 0},
		{[]string{"cache-control: max-age=60"}, 500, time.Minute},
		{[]string{"cache-control: max-age=60"}, 304, 0},
		{[]string{"set-cookie: a=b", "cache-control: max-age=60"}, 200, 0},
		{[]string{"set-cookie: a=b", "cache-control: max-age=60, private=Set-Cookie"}, 200, time.Minute},
		{[]string{"set-cookie: a=b", `cache-control: private="x, Set-Cookie", max-age=60`}, 200, time.Minute},
	} {
		cache, k := newCache(t, Config{})
		a := cache.Account("one")
		res := response("x", c.header...)
		res.Status = c.status
		put(t, a, request(), res)
		if c.want == 0 {
			if match(t, a, request()) != nil {
				t.Errorf("%d %q is stored", c.status, c.header)
			}
			continue
		}
		k.add(c.want - time.Second)
		got := match(t, a, request())
		if got == nil {
			t.Errorf("%d %q is gone before %v", c.status, c.header, c.want)
			continue
		}
		if _, ok := value(got.Header, "set-cookie"); ok {
			t.Errorf("%q: the cookie is stored", c.header)
		}
		k.add(time.Second)
		if match(t, a, request()) != nil {
			t.Errorf("%d %q is there after %v", c.status, c.header, c.want)
		}
	}
}

func TestVary(t *testing.T) {
	c, k := newCache(t, Config{MaxVariants: 2})
	a := c.Account("one")
	vary := []string{"vary: Accept-Language, X-A", "vary: x-a", "cache-control: max-age=60"}
	put(t, a, request("accept-language: de"), response("de", vary...))
	put(t, a, request("accept-language: en", "x-a: 1"), response("en", vary...))
	for _, c := range []struct {
		header []string
		want   string
	}{
		{[]string{"Accept-Language: de"}, "de"},
		{[]string{"accept-language: en", "x-a: 1"}, "en"},
		{[]string{"accept-language: en"}, ""},
		{[]string{"accept-language: fr"}, ""},
		{nil, ""},
	} {
		got := ""
		if res := match(t, a, request(c.header...)); res != nil {
			got = string(res.Body.Bytes)
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.header, got, c.want)
		}
	}
	put(t, a, request("accept-language: de"), response("DE", vary...))
	if res := match(t, a, request("accept-language: de")); res == nil || string(res.Body.Bytes) != "DE" {
		t.Errorf("a variant is not replaced: %+v", res)
	}
	put(t, a, request("accept-language: fr"), response("fr", vary...))
	if match(t, a, request("accept-language: en", "x-a: 1")) != nil {
		t.Error("there are more variants than allowed")
	}
	put(t, a, request("accept-language: es"), response("es", "vary: accept-language, x-a", "cache-control: max-age=10"))
	k.add(20 * time.Second)
	if match(t, a, request("accept-language: es")) != nil || match(t, a, request("accept-language: fr")) == nil {
		t.Error("a stale variant takes others with it, or stays")
	}
	if ok, _ := a.CacheDelete(context.Background(), nil, "", request()); !ok || c.Bytes() != 0 {
		t.Errorf("delete: %v, %d bytes left", ok, c.Bytes())
	}
}

func TestPutRefused(t *testing.T) {
	c, _ := newCache(t, Config{})
	a := c.Account("one")
	partial := response("x")
	partial.Status = 206
	for _, test := range []struct {
		method string
		res    *outside.Response
		want   string
	}{
		{"POST", response("x"), "Cannot cache response to non-GET request."},
		{"HEAD", response("x"), "Cannot cache response to non-GET request."},
		{"GET", partial, "Cannot cache response to a range request (206 Partial Content)."},
		{"GET", response("x", "Vary: a, *"), "Cannot cache response with 'Vary: *' header."},
	} {
		err := a.CachePut(context.Background(), nil, "", &outside.Request{Method: test.method, URL: "https://a/"}, test.res)
		var e *outside.Error
		if !errors.As(err, &e) || e.Kind != outside.KindType || e.Message != test.want {
			t.Errorf("%s: got %v", test.want, err)
		}
	}
	if c.Len() != 0 {
		t.Error("something is stored")
	}
}

// A tracked stream notes that it was closed.
type tracked struct {
	io.Reader
	closed bool
}

func (s *tracked) Close() error { s.closed = true; return nil }

func TestStreams(t *testing.T) {
	c, _ := newCache(t, Config{MaxBody: 10_000})
	a := c.Account("one")
	fails := errors.New("told to fail")
	for _, test := range []struct {
		name   string
		r      io.Reader
		length int64
		stored int
		err    bool
	}{
		{"unknown length", strings.NewReader(strings.Repeat("x", 9000)), -1, 9000, false},
		{"known length", strings.NewReader("abc"), 3, 3, false},
		{"empty", strings.NewReader(""), 0, 0, false},
		{"too large, as it says", strings.NewReader("abc"), 10_001, -1, false},
		{"too large, as it turns out", strings.NewReader(strings.Repeat("x", 10_001)), -1, -1, false},
		{"shorter than it says", strings.NewReader("abc"), 4, -1, true},
		{"fails", io.MultiReader(strings.NewReader("abc"), errReader{fails}), -1, -1, true},
	} {
		s := &tracked{Reader: test.r}
		req := &outside.Request{Method: "GET", URL: "https://example.com/" + test.name}
		err := a.CachePut(context.Background(), nil, "", req, &outside.Response{Status: 200, Body: outside.Body{Stream: s, Length: test.length}})
		if (err != nil) != test.err {
			t.Errorf("%s: %v", test.name, err)
		}
		if !s.closed {
			t.Errorf("%s: the stream is left open", test.name)
		}
		res := match(t, a, req)
		switch {
		case test.stored < 0 && res != nil:
			t.Errorf("%s: is stored", test.name)
		case test.stored >= 0 && (res == nil || res.Body.None() || len(res.Body.Bytes) != test.stored):
			t.Errorf("%s: got %+v", test.name, res)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := a.CachePut(ctx, nil, "", request(), &outside.Response{Status: 200, Body: outside.Body{Stream: &tracked{Reader: strings.NewReader("x")}, Length: -1}}); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	put(t, a, request(), &outside.Response{Status: 200})
	if res := match(t, a, request()); res == nil || !res.Body.None() {
		t.Errorf("no body: got %+v", res)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestDelete(t *testing.T) {
	c, k := newCache(t, Config{})
	a := c.Account("one")
	del := func(req *outside.Request) bool {
		ok, err := a.CacheDelete(context.Background(), nil, "", req)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	put(t, a, request(), response("x", "cache-control: max-age=60"))
	if del(&outside.Request{Method: "POST", URL: request().URL}) || !del(request()) || del(request()) {
		t.Error("delete answers wrongly")
	}
	put(t, a, request(), response("x", "cache-control: max-age=60"))
	k.add(time.Hour)
	if del(request()) {
		t.Error("a stale entry counts as deleted")
	}
	put(t, a, request(), response("x", "cache-control: max-age=60"))
	put(t, c.Account("two"), request(), response("x", "cache-control: max-age=60"))
	a.Purge()
	if match(t, a, request()) != nil || match(t, c.Account("two"), request()) == nil {
		t.Error("purge does not take the account's entries, and those alone")
	}
}

func TestBound(t *testing.T) {
	c, _ := newCache(t, Config{MaxBytes: 100_000})
	a := c.Account("one")
	at := func(i int) *outside.Request {
		return &outside.Request{Method: "GET", URL: fmt.Sprint("https://example.com/", i)}
	}
	for i := range 500 {
		put(t, a, at(i), response(strings.Repeat("x", 1000)))
		if match(t, a, at(0)) == nil { // used all the time, so it stays
			t.Fatalf("the entry in use was evicted after %d puts", i)
		}
		if c.Bytes() > 100_000 {
			t.Fatalf("%d bytes are in use", c.Bytes())
		}
	}
	if match(t, a, at(1)) != nil || match(t, a, at(499)) == nil || c.Len() < 50 {
		t.Errorf("%d entries are left", c.Len())
	}
	a.Purge()
	if c.Bytes() != 0 {
		t.Errorf("%d bytes are in use by nothing", c.Bytes())
	}
}

func TestHammer(t *testing.T) {
	c, k := newCache(t, Config{MaxBytes: 50_000, MaxVariants: 3})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			a := c.Account(fmt.Sprint(g % 2))
			for i := range 500 {
				req := &outside.Request{Method: "GET", URL: fmt.Sprint("https://a/", i%20), Header: fields("x-a: " + fmt.Sprint(i%5))}
				body := fmt.Sprint(g%2, i%20, i%5)
				switch i % 7 {
				case 0, 1:
					put(t, a, req, response(body+strings.Repeat(" ", i), "vary: x-a", "cache-control: max-age=30"))
				case 2:
					_, _ = a.CacheDelete(context.Background(), nil, "", req)
				case 3:
					k.add(time.Second)
				default:
					if res := match(t, a, req); res != nil && strings.TrimSpace(string(res.Body.Bytes)) != body {
						t.Errorf("got %q, want %q", res.Body.Bytes, body)
					}
				}
			}
		})
	}
	wg.Wait()
	if c.Bytes() > 50_000 {
		t.Errorf("%d bytes are in use", c.Bytes())
	}
	c.Account("0").Purge()
	c.Account("1").Purge()
	if c.Bytes() != 0 || c.Len() != 0 {
		t.Errorf("%d bytes and %d entries remain", c.Bytes(), c.Len())
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []Config{{MaxBytes: -1}, {MaxBody: -1}, {MaxVariants: -1}, {MaxBytes: 1, MaxBody: 2}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}

func FuzzDirectives(f *testing.F) {
	f.Add(`max-age=60, private="set-cookie, x", no-store`)
	f.Add(`s-maxage = "1\"2" ,, =, no-cache`)
	f.Fuzz(func(t *testing.T, v string) {
		d := parseDirectives([]outside.Field{{Name: "cache-control", Value: v}}, "cache-control")
		if d.maxAge < 0 || d.sMaxAge < 0 || d.maxAge > maxAge || d.sMaxAge > maxAge {
			t.Fatalf("%q: %+v", v, d)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	c, _ := newCache(b, Config{})
	a := c.Account("one")
	put(b, a, request(), response("hello", "cache-control: max-age=60", "content-type: text/plain"))
	req := request("accept: */*", "user-agent: x")
	b.ReportAllocs()
	for b.Loop() {
		if match(b, a, req) == nil {
			b.Fatal("a miss")
		}
	}
}
