package ingress

import (
	"bytes"
	"net/netip"
)

var (
	errNoHost    = refuse(400, "The request has no host.")
	errBadHost   = refuse(400, "The host is malformed.")
	errBadTarget = refuse(400, "The request target is malformed.")
)

// locate sets host and target from the request target and the Host header
// (https://www.rfc-editor.org/rfc/rfc9112#section-3.2).
func (h *head) locate(target []byte) error {
	if len(target) == 1 && target[0] == '*' {
		h.serverWide = true
		target = slash
	} else if target[0] != '/' {
		// Absolute form: its authority overrides the Host header.
		scheme, rest, ok := bytes.Cut(target, schemeEnd)
		if !ok || !is(scheme, "http") && !is(scheme, "https") {
			return errBadTarget
		}
		end := bytes.IndexAny(rest, "/?#\\")
		if end < 0 {
			end = len(rest)
		}
		h.host, target = rest[:end], rest[end:]
	}
	if len(h.host) == 0 {
		return errNoHost
	}
	var ok bool
	if h.port, ok = checkHost(h.host); !ok {
		return errBadHost
	}
	for i, c := range h.host {
		if c-'A' < 26 {
			mark := len(h.buf)
			h.buf = append(h.buf, h.host...)
			h.host = h.buf[mark:len(h.buf):len(h.buf)]
			for j := i; j < len(h.host); j++ {
				h.host[j] = lower(h.host[j])
			}
			break
		}
	}
	if isSerialised(target) {
		h.target = target
		return nil
	}
	mark := len(h.buf)
	h.buf = appendTarget(h.buf, target)
	h.target = h.buf[mark:]
	return nil
}

var (
	slash     = []byte("/")
	schemeEnd = []byte("://")
)

// checkHost reports whether host is a name, an IPv4 address or a bracketed IPv6
// address with an optional port, and where ":port" begins.
func checkHost(host []byte) (port int, ok bool) {
	if len(host) > 255+6 {
		return 0, false
	}
	i := 0
	if host[0] == '[' {
		i = bytes.IndexByte(host, ']')
		if i < 3 {
			return 0, false
		}
		addr, err := netip.ParseAddr(string(host[1:i]))
		if err != nil || !addr.Is6() || addr.Zone() != "" {
			return 0, false
		}
		i++
	} else {
		for i < len(host) && byteClass[host[i]]&classHost != 0 {
			// An empty label names nothing; a single final dot is the DNS root.
			if host[i] == '.' && (i == 0 || host[i-1] == '.') {
				return 0, false
			}
			i++
		}
		if i == 0 {
			return 0, false
		}
	}
	port = i
	if i == len(host) {
		return port, true
	}
	if host[i] != ':' || len(host)-i > 6 {
		return 0, false
	}
	n := 0
	for _, c := range host[i+1:] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return port, n <= 65535
}

// Bytes that the URL standard percent-encodes in a path and in a special URL's query
// (https://url.spec.whatwg.org/#path-percent-encode-set, #special-query-percent-encode-set),
// and bytes that make a path worth a closer look.
const (
	encodeInPath = 1 << iota
	encodeInQuery
	attendInPath
)

var targetClass = func() (t [256]uint8) {
	for c := range 256 {
		if c <= 0x20 || c >= 0x7f {
			t[c] = encodeInPath | encodeInQuery
		}
	}
	for _, c := range []byte("\"<>") {
		t[c] |= encodeInPath | encodeInQuery
	}
	for _, c := range []byte("`{}^") {
		t[c] |= encodeInPath
	}
	t['\''] |= encodeInQuery
	t['#'] |= attendInPath | encodeInQuery
	t['\\'] |= attendInPath
	t['.'] |= attendInPath
	t['%'] |= attendInPath
	return t
}()

// isSerialised reports whether target is already what the URL standard's parser
// and serialiser would make of it. It may err on the side of false.
func isSerialised(target []byte) bool {
	if len(target) == 0 || target[0] != '/' {
		return false
	}
	i := 1
	for ; i < len(target); i++ {
		c := target[i]
		switch t := targetClass[c]; {
		case c == '?':
			for i++; i < len(target); i++ {
				if targetClass[target[i]]&encodeInQuery != 0 {
					return false
				}
			}
			return true
		case t == 0:
		case c == '.':
			// Only a segment that begins with a dot can be a dot segment.
			if target[i-1] == '/' {
				return false
			}
		case c == '%':
			if i+2 < len(target) && target[i+1] == '2' && lower(target[i+2]) == 'e' {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// appendTarget appends target, serialised as the URL standard does it for an http
// URL: dot segments resolved, backslashes turned, bytes percent-encoded, the
// fragment dropped (https://url.spec.whatwg.org/#path-state). The result begins with "/".
func appendTarget(dst, target []byte) []byte {
	start := len(dst)
	if i := bytes.IndexByte(target, '#'); i >= 0 {
		target = target[:i]
	}
	path, query, hasQuery := bytes.Cut(target, []byte("?"))
	if len(path) > 0 && (path[0] == '/' || path[0] == '\\') {
		path = path[1:]
	}
	for more := true; more; {
		var segment []byte
		end := bytes.IndexAny(path, "/\\")
		if more = end >= 0; more {
			segment, path = path[:end], path[end+1:]
		} else {
			segment = path
		}
		switch dots(segment) {
		case 1:
			if !more {
				dst = append(dst, '/')
			}
		case 2:
			if i := bytes.LastIndexByte(dst[start:], '/'); i >= 0 {
				dst = dst[:start+i]
			}
			if !more {
				dst = append(dst, '/')
			}
		default:
			dst = append(dst, '/')
			dst = appendEncoded(dst, segment, encodeInPath)
		}
	}
	if hasQuery {
		dst = append(dst, '?')
		dst = appendEncoded(dst, query, encodeInQuery)
	}
	return dst
}

func appendEncoded(dst, b []byte, set uint8) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range b {
		if targetClass[c]&set != 0 {
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// dots answers 1 for "." and 2 for "..", in any spelling, else 0.
func dots(segment []byte) int {
	n := 0
	for len(segment) > 0 {
		switch {
		case segment[0] == '.':
			segment = segment[1:]
		case len(segment) >= 3 && segment[0] == '%' && segment[1] == '2' && lower(segment[2]) == 'e':
			segment = segment[3:]
		default:
			return 0
		}
		if n++; n > 2 {
			return 0
		}
	}
	return n
}
