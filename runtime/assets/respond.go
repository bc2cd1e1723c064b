package assets

import (
	"strconv"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// Respond makes the response that an answer stands for. content is the file's bytes,
// which are shared, and contentType its type, "" for none.
func (s *Site) Respond(req *outside.Request, path string, a Answer, contentType string, content []byte) *outside.Response {
	if !a.Found {
		return &outside.Response{Status: a.Status, Header: []outside.Field{{Name: "location", Value: a.Location}}, Body: outside.Body{Bytes: []byte{}}}
	}
	etag := `"` + a.File.Hash + `"`
	res := &outside.Response{Status: a.Status, KeepEncoding: true, Header: []outside.Field{
		{Name: "cache-control", Value: "public, max-age=0, must-revalidate"},
		{Name: "etag", Value: etag},
	}}
	if contentType != "" {
		res.Header = append(res.Header, outside.Field{Name: "content-type", Value: contentType})
	}
	for _, h := range s.Headers(path) {
		set(res, h[0], h[1])
	}
	res.Body.Bytes = content
	if a.Status != 200 {
		return res
	}
	res.Header = append(res.Header, outside.Field{Name: "accept-ranges", Value: "bytes"})
	if match(get(req, "if-none-match"), etag) {
		res.Status, res.Body = 304, outside.Body{}
		return res
	}
	if r := get(req, "range"); r != "" && (get(req, "if-range") == "" || get(req, "if-range") == etag) {
		part(res, r, content)
	}
	return res
}

// part cuts the body to one range (https://www.rfc-editor.org/rfc/rfc9110#section-14).
// Several ranges, and what is no range at all, get the whole file.
func part(res *outside.Response, header string, content []byte) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return
	}
	size := int64(len(content))
	first, errFirst := strconv.ParseInt(from, 10, 64)
	last, errLast := strconv.ParseInt(to, 10, 64)
	switch {
	case from == "" && errLast == nil && last > 0: // the last bytes
		first, last = max(0, size-last), size-1
	case errFirst != nil || first < 0 || to != "" && (errLast != nil || last < first):
		return
	case to == "" || last >= size:
		last = size - 1
	}
	if first >= size {
		res.Status, res.Body = 416, outside.Body{Bytes: []byte{}}
		res.Header = append(res.Header, outside.Field{Name: "content-range", Value: "bytes */" + strconv.FormatInt(size, 10)})
		return
	}
	res.Status = 206
	res.Body.Bytes = content[first : last+1 : last+1]
	res.Header = append(res.Header, outside.Field{
		Name: "content-range", Value: "bytes " + strconv.FormatInt(first, 10) + "-" + strconv.FormatInt(last, 10) + "/" + strconv.FormatInt(size, 10),
	})
}

func set(res *outside.Response, name, value string) {
	for i := range res.Header {
		if res.Header[i].Name == name {
			res.Header[i].Value = value
			return
		}
	}
	res.Header = append(res.Header, outside.Field{Name: name, Value: value})
}

func get(req *outside.Request, name string) string {
	for i := range req.Header {
		if req.Header[i].Name == name {
			return req.Header[i].Value
		}
	}
	return ""
}

// match reports whether an if-none-match header names the tag, weakly compared.
func match(header, etag string) bool {
	if header == "*" {
		return true
	}
	for tag := range strings.SplitSeq(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(tag), "W/") == etag {
			return true
		}
	}
	return false
}
