package httpcache

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// An outcome is what a request's conditions and range make of a stored 200.
type outcome struct {
	status       int // 200, 206, 304 or 416
	start, end   int // of a 206
	contentRange string
}

// evaluate applies the preconditions and the range of a request, in the order of
// https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2.
func evaluate(stored, request []outside.Field, size int) outcome {
	etag, _ := value(stored, "etag")
	modified, _ := value(stored, "last-modified")
	if _, ok := value(request, "if-none-match"); ok {
		if anyTag(request, etag) {
			return outcome{status: 304}
		}
	} else if ims, ok := value(request, "if-modified-since"); ok && modified != "" {
		since, err1 := http.ParseTime(ims)
		last, err2 := http.ParseTime(modified)
		if err1 == nil && err2 == nil && !last.After(since) {
			return outcome{status: 304}
		}
	}
	spec, ok := value(request, "range")
	if !ok || !rangeApplies(request, etag, modified) {
		return outcome{status: 200}
	}
	start, end, ok := parseRange(spec, size)
	switch {
	case !ok:
		return outcome{status: 200}
	case start >= end:
		return outcome{status: 416, contentRange: "bytes */" + strconv.Itoa(size)}
	}
	return outcome{206, start, end, "bytes " + strconv.Itoa(start) + "-" + strconv.Itoa(end-1) + "/" + strconv.Itoa(size)}
}

// anyTag reports whether an If-None-Match holds etag by weak comparison, or "*".
func anyTag(request []outside.Field, etag string) bool {
	for i := range request {
		if !strings.EqualFold(request[i].Name, "if-none-match") {
			continue
		}
		for v := request[i].Value; v != ""; {
			v = strings.TrimLeft(v, " \t,")
			if v == "" {
				break
			}
			if v[0] == '*' {
				return true
			}
			var tag string
			if tag, v = nextTag(v); etag != "" && strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
				return true
			}
		}
	}
	return false
}

// nextTag splits the first entity tag off a list; commas may stand within quotes.
func nextTag(v string) (tag, rest string) {
	i := 0
	if strings.HasPrefix(v, "W/") {
		i = 2
	}
	if i < len(v) && v[i] == '"' {
		if j := strings.IndexByte(v[i+1:], '"'); j >= 0 {
			return v[:i+j+2], v[i+j+2:]
		}
	}
	// Malformed: up to the next comma, compared as it stands.
	tag, rest, _ = strings.Cut(v, ",")
	return strings.TrimSpace(tag), rest
}

// rangeApplies evaluates If-Range (https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5).
func rangeApplies(request []outside.Field, etag, modified string) bool {
	v, ok := value(request, "if-range")
	if !ok {
		return true
	}
	v = strings.TrimSpace(v)
	if strings.HasPrefix(v, `"`) {
		return v == etag // a strong comparison: a weak etag never equals
	}
	a, err1 := http.ParseTime(v)
	b, err2 := http.ParseTime(modified)
	return err1 == nil && err2 == nil && a.Equal(b)
}

// parseRange reads a bytes range (https://www.rfc-editor.org/rfc/rfc9110#section-14.2)
// of a body of size bytes. ok is false if the header is to be ignored: another
// unit, malformed, or several ranges, which are answered with the whole body. An
// unsatisfiable range has start >= end.
func parseRange(spec string, size int) (start, end int, ok bool) {
	unit, set, found := strings.Cut(spec, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		return 0, 0, false
	}
	first, last, found := strings.Cut(strings.TrimSpace(set), "-")
	if !found || strings.Contains(set, ",") {
		return 0, 0, false
	}
	first, last = strings.TrimSpace(first), strings.TrimSpace(last)
	if first == "" {
		n, ok := position(last)
		if !ok {
			return 0, 0, false
		}
		if n == 0 {
			return size, size, true
		}
		return max(0, size-n), size, true
	}
	if start, ok = position(first); !ok {
		return 0, 0, false
	}
	end = size
	if last != "" {
		n, ok := position(last)
		if !ok || n < start {
			return 0, 0, false
		}
		if n < size {
			end = n + 1
		}
	}
	return min(start, size), end, true
}

// position reads a byte position; one too large for an int is the largest.
func position(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return int(^uint(0) >> 1), true
	}
	return n, true
}

// keepFor304 are the fields that a 304 repeats
// (https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5).
func keepFor304(header []outside.Field) (out []outside.Field) {
	for _, f := range header {
		switch f.Name {
		case "cache-control", "content-location", "date", "etag", "expires", "last-modified", "vary":
			out = append(out, f)
		}
	}
	return out
}
