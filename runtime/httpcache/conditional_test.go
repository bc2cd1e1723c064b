package httpcache

import (
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

func TestConditions(t *testing.T) {
	c, _ := newCache(t, Config{})
	a := c.Account("one")
	const modified = "Sun, 01 Mar 2026 10:00:00 GMT"
	put(t, a, request(), response("0123456789", "etag: \"e\"", "last-modified: "+modified, "content-type: text/plain",
		"cache-control: max-age=60", "content-length: 10"))
	for _, test := range []struct {
		header []string
		status int
		body   string
		crange string
	}{
		{[]string{`if-none-match: "e"`}, 304, "", ""},
		{[]string{`if-none-match: W/"e"`}, 304, "", ""},
		{[]string{`If-None-Match: "x,y", "e"`}, 304, "", ""},
		{[]string{`if-none-match: *`}, 304, "", ""},
		{[]string{`if-none-match: "x"`}, 200, "0123456789", ""},
		{[]string{`if-none-match: "x"`, "if-modified-since: " + modified}, 200, "0123456789", ""},
		{[]string{"if-modified-since: " + modified}, 304, "", ""},
		{[]string{"if-modified-since: Sun, 01 Mar 2026 11:00:00 GMT"}, 304, "", ""},
		{[]string{"if-modified-since: Sun, 01 Mar 2026 09:59:59 GMT"}, 200, "0123456789", ""},
		{[]string{"if-modified-since: nonsense"}, 200, "0123456789", ""},
		{[]string{"range: bytes=2-4"}, 206, "234", "bytes 2-4/10"},
		{[]string{"range: bytes=7-"}, 206, "789", "bytes 7-9/10"},
		{[]string{"range: bytes=7-99"}, 206, "789", "bytes 7-9/10"},
		{[]string{"range: bytes=-3"}, 206, "789", "bytes 7-9/10"},
		{[]string{"range: bytes=-99"}, 206, "0123456789", "bytes 0-9/10"},
		{[]string{"range: bytes=0-0"}, 206, "0", "bytes 0-0/10"},
		{[]string{"range: bytes=10-"}, 416, "", "bytes */10"},
		{[]string{"range: bytes=-0"}, 416, "", "bytes */10"},
		{[]string{"range: bytes=99999999999999999999-"}, 416, "", "bytes */10"},
		{[]string{"range: bytes=4-2"}, 200, "0123456789", ""},
		{[]string{"range: bytes=0-1,3-4"}, 200, "0123456789", ""},
		{[]string{"range: lines=0-1"}, 200, "0123456789", ""},
		{[]string{"range: bytes=a-b"}, 200, "0123456789", ""},
		{[]string{"range: bytes=0-1", `if-range: "e"`}, 206, "01", "bytes 0-1/10"},
		{[]string{"range: bytes=0-1", `if-range: "x"`}, 200, "0123456789", ""},
		{[]string{"range: bytes=0-1", `if-range: W/"e"`}, 200, "0123456789", ""},
		{[]string{"range: bytes=0-1", "if-range: " + modified}, 206, "01", "bytes 0-1/10"},
		{[]string{"range: bytes=0-1", `if-none-match: "e"`}, 304, "", ""},
	} {
		res := match(t, a, request(test.header...))
		crange, _ := value(res.Header, "content-range")
		if res.Status != test.status || string(res.Body.Bytes) != test.body || crange != test.crange {
			t.Errorf("%q: got %d %q %q", test.header, res.Status, res.Body.Bytes, crange)
		}
		if _, ok := value(res.Header, "content-length"); ok && res.Status != 200 {
			t.Errorf("%q: the content-length of the whole is kept", test.header)
		}
		if _, ok := value(res.Header, "content-type"); ok == (res.Status == 304) {
			t.Errorf("%q: content-type present: %v", test.header, ok)
		}
		if status, _ := value(res.Header, "cf-cache-status"); status != "HIT" {
			t.Errorf("%q: cf-cache-status %q", test.header, status)
		}
	}
}

func FuzzRange(f *testing.F) {
	f.Add("bytes=0-1", 10)
	f.Add("bytes=-5", 3)
	f.Add("bytes=9223372036854775807-", 0)
	f.Fuzz(func(t *testing.T, v string, size int) {
		if size < 0 {
			return
		}
		start, end, ok := parseRange(v, size)
		if ok && (start < 0 || start > size || end > size) {
			t.Fatalf("%q of %d: %d to %d", v, size, start, end)
		}
	})
}

func FuzzEntityTags(f *testing.F) {
	f.Add(`"a", W/"b",*`, `"b"`)
	f.Add(`W/`, ``)
	f.Fuzz(func(t *testing.T, list, etag string) {
		anyTag([]outside.Field{{Name: "if-none-match", Value: list}}, etag)
	})
}
