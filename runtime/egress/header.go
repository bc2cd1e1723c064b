package egress

import (
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// isHop reports whether a lower-case header is about one connection, or set by
// the transport itself, and so neither taken from a worker nor shown to one.
func isHop(name string) bool {
	switch name {
	case "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade":
		return true
	}
	return false
}

// outgoing is the header of a worker's request with what the platform adds.
func outgoing(call *outside.Call, fields []outside.Field) http.Header {
	h := make(http.Header, len(fields)+3)
	var loop []string
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		switch {
		case isHop(name), name == "host", name == "content-length", name == "expect", name == "proxy-authorization":
			continue
		case name == "cdn-loop":
			loop = append(loop, f.Value)
			continue
		}
		key := textproto.CanonicalMIMEHeaderKey(name)
		h[key] = append(h[key], f.Value)
	}
	if _, ok := h["User-Agent"]; !ok {
		h["User-Agent"] = []string{""} // none, rather than the transport's
	}
	if _, ok := h["Accept-Encoding"]; !ok {
		h["Accept-Encoding"] = []string{"gzip, br"}
	}
	if call != nil {
		h["Cdn-Loop"] = []string{loopHeader(loop, call.Hops)}
		if _, ok := h["Traceparent"]; !ok && call.Traceparent != "" {
			h["Traceparent"] = []string{call.Traceparent}
		}
	}
	return h
}

// loopHeader adds our hop count to the cdn-loop values that came with the request
// (https://www.rfc-editor.org/rfc/rfc8586). Others' entries stay; ours a worker
// cannot remove or change.
func loopHeader(values []string, hops int) string {
	var b strings.Builder
	for _, v := range values {
		for item := range strings.SplitSeq(v, ",") {
			item = strings.TrimSpace(item)
			name, _, _ := strings.Cut(item, ";")
			if item == "" || strings.EqualFold(strings.TrimSpace(name), "mayfly") {
				continue
			}
			b.WriteString(item)
			b.WriteString(", ")
		}
	}
	b.WriteString("mayfly; hops=")
	b.WriteString(strconv.Itoa(max(hops, 1)))
	return b.String()
}

// incoming is a response's header for a worker, sorted by name.
func incoming(h http.Header) []outside.Field {
	out := make([]outside.Field, 0, len(h))
	for key, values := range h {
		name := strings.ToLower(key)
		if isHop(name) {
			continue
		}
		for _, v := range values {
			out = append(out, outside.Field{Name: name, Value: v})
		}
	}
	slices.SortStableFunc(out, func(a, b outside.Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}
