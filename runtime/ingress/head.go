package ingress

import (
	"errors"
	"strconv"

	"github.com/valyala/fasthttp"
)

// A span is one header line of head.raw: name and value by offset.
type span struct{ n0, n1, v0, v1 uint32 }

// A head is a parsed request head. fasthttp has checked its syntax; scan checks
// what fasthttp is lenient about and remembers where each line is.
type head struct {
	fast  fasthttp.RequestHeader
	raw   []byte // header lines, each ended by CR LF, owned by fast
	spans []span

	method string
	host   []byte // lower-case, with port
	port   int    // offset of ":port" in host, or len(host)
	target []byte // path and query in serialised form
	buf    []byte // holds host or target when they had to be rewritten

	length     int64 // of the body: -1 for chunked, 0 for none
	http11     bool
	close      bool // the client wants the connection closed
	expect     bool // 100-continue
	upgrade    bool // a WebSocket handshake is asked for
	forwarding bool // there are forwarding headers, of interest from a trusted proxy
	serverWide bool // OPTIONS *
	// connection is the index in spans of the Connection header lines that name
	// other fields, or -1.
	connection int
}

// A refusal is a request that is answered before a handler sees it, after which
// the connection is closed.
type refusal struct {
	status int
	detail string
}

func (r *refusal) Error() string { return r.detail }

func refuse(status int, detail string) error { return &refusal{status, detail} }

// parse fills h from fast, whose head has just been read.
func (h *head) parse(cfg *Config) error {
	f := &h.fast
	if h.http11 = f.IsHTTP11(); !h.http11 && string(f.Protocol()) != "HTTP/1.0" {
		return refuse(505, "The HTTP versions spoken here are 1.1 and 1.0.")
	}
	h.close = f.ConnectionClose()
	h.method = methodName(f.Method())
	h.length, h.expect, h.upgrade, h.forwarding, h.serverWide, h.connection = 0, false, false, false, false, -1
	h.buf = h.buf[:0]
	target := f.RequestURI()
	if len(target) > cfg.MaxURL {
		return refuse(414, "The request target is longer than "+strconv.Itoa(cfg.MaxURL)+" bytes.")
	}
	h.raw = f.RawHeaders()
	if len(h.raw) > cfg.MaxHeader {
		return refuse(431, "The request headers are larger than "+strconv.Itoa(cfg.MaxHeader)+" bytes.")
	}
	h.host = nil
	if err := h.scan(); err != nil {
		return err
	}
	switch h.method {
	case "CONNECT", "TRACE", "TRACK":
		return refuse(405, "The method "+h.method+" is not served here.")
	}
	return h.locate(target)
}

// methodName is m as a string, without allocating for the usual ones.
func methodName(m []byte) string {
	switch string(m) {
	case "GET":
		return "GET"
	case "POST":
		return "POST"
	case "HEAD":
		return "HEAD"
	case "PUT":
		return "PUT"
	case "DELETE":
		return "DELETE"
	case "PATCH":
		return "PATCH"
	case "OPTIONS":
		return "OPTIONS"
	}
	return string(m)
}

var (
	errBareLF     = refuse(400, "A header line does not end in CR LF.")
	errFolded     = refuse(400, "A header line is folded over several lines.")
	errFieldName  = refuse(400, "A header name holds a character that is not allowed.")
	errFieldValue = refuse(400, "A header value holds a control character.")
	errFraming    = refuse(400, "The request has both content-length and transfer-encoding.")
	errHosts      = refuse(400, "The request has several host headers.")
	errExpect     = refuse(417, "The only expectation known here is 100-continue.")
)

// scan walks the header lines once.
func (h *head) scan() error {
	raw := h.raw
	h.spans = h.spans[:0]
	var lengths, codings, hosts int
	for i := 0; i < len(raw); {
		if raw[i] == '\r' && i+1 < len(raw) && raw[i+1] == '\n' {
			break
		}
		if raw[i] == ' ' || raw[i] == '\t' {
			return errFolded
		}
		n0 := i
		for i < len(raw) && byteClass[raw[i]]&classToken != 0 {
			i++
		}
		n1 := i
		if n1 == n0 || i == len(raw) || raw[i] != ':' {
			return errFieldName
		}
		i++
		for i < len(raw) && (raw[i] == ' ' || raw[i] == '\t') {
			i++
		}
		v0 := i
		for i < len(raw) && byteClass[raw[i]]&classValue != 0 {
			i++
		}
		v1 := i
		switch {
		case i+1 < len(raw) && raw[i] == '\r' && raw[i+1] == '\n':
		case i < len(raw) && raw[i] == '\n':
			return errBareLF
		default:
			return errFieldValue
		}
		i += 2
		for v1 > v0 && (raw[v1-1] == ' ' || raw[v1-1] == '\t') {
			v1--
		}
		name, value := raw[n0:n1], raw[v0:v1]
		switch n1 - n0 {
		case 4:
			if is(name, "host") {
				h.host = value
				hosts++
			}
		case 6:
			if is(name, "expect") {
				if !is(value, "100-continue") {
					return errExpect
				}
				h.expect = h.http11
			}
		case 7:
			if is(name, "upgrade") && hasListItem(value, "websocket") {
				h.upgrade = true
			}
		case 9:
			h.forwarding = h.forwarding || is(name, "x-real-ip")
		case 10:
			if is(name, "connection") && !is(value, "keep-alive") && !is(value, "close") {
				h.connection = len(h.spans)
			}
		case 14:
			if is(name, "content-length") {
				lengths++
				n, err := strconv.ParseInt(view(value), 10, 64)
				if err != nil || n < 0 || value[0] < '0' || value[0] > '9' {
					return refuse(400, "The content-length is not a number of bytes.")
				}
				h.length = n
			}
		case 15:
			h.forwarding = h.forwarding || is(name, "x-forwarded-for")
		case 16:
			h.forwarding = h.forwarding || is(name, "cf-connecting-ip")
		case 17:
			if is(name, "transfer-encoding") {
				codings++
				if !is(value, "chunked") {
					return refuse(501, "The only transfer-encoding understood here is chunked.")
				}
				h.length = -1
			}
			h.forwarding = h.forwarding || is(name, "x-forwarded-proto")
		}
		h.spans = append(h.spans, span{uint32(n0), uint32(n1), uint32(v0), uint32(v1)})
	}
	switch {
	case lengths+codings > 1:
		return errFraming
	case hosts > 1:
		return errHosts
	case codings > 0 && !h.http11:
		return refuse(400, "HTTP/1.0 has no transfer-encoding.")
	}
	if h.upgrade {
		h.upgrade = h.http11 && h.method == "GET" && h.connection >= 0 && h.names("upgrade")
	}
	return nil
}

// names reports whether a Connection header names the lower-case field or option.
func (h *head) names(option string) bool {
	for _, s := range h.spans {
		if s.n1-s.n0 == 10 && is(h.raw[s.n0:s.n1], "connection") && hasListItem(h.raw[s.v0:s.v1], option) {
			return true
		}
	}
	return false
}

// get is the value of the first header with the lower-case name, as a view.
func (h *head) get(name string) (string, bool) {
	for _, s := range h.spans {
		if int(s.n1-s.n0) == len(name) && is(h.raw[s.n0:s.n1], name) {
			return view(h.raw[s.v0:s.v1]), true
		}
	}
	return "", false
}

// refusalFor turns an error of reading a head into what the client is told.
func refusalFor(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return &refusal{400, "The request could not be understood."}
}
