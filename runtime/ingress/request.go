package ingress

import (
	"crypto/tls"
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// buildRequest copies the head into one block of memory for all its strings, the request's
// id among them, and the slice of fields.
func (x *Exchange) buildRequest() *outside.Request {
	h := &x.head
	arena := make([]byte, 0, len(h.raw)+len(x.scheme)+len("://")+len(h.host)+len(h.target)+rayLen)
	arena = x.appendURL(arena)
	req := &outside.Request{Method: h.method, URL: view(arena), Body: x.body(), Redirect: outside.RedirectManual, CF: x.cf()}
	if x.rayText == "" {
		mark := len(arena)
		arena = append(arena, x.ray[:]...)
		x.rayText = view(arena[mark:])
	}
	fields := make([]outside.Field, 0, len(h.spans)+5)
	client := x.clientText()
	forwarded := ""
	for _, s := range h.spans {
		raw := h.raw[s.n0:s.n1]
		if h.dropped(raw) || isForwarding(raw) {
			if x.trusted && is(raw, "x-forwarded-for") {
				if forwarded != "" {
					forwarded += ", "
				}
				forwarded += string(h.raw[s.v0:s.v1])
			}
			continue
		}
		mark := len(arena)
		arena = append(arena, raw...)
		for i, c := range arena[mark:] {
			arena[mark+i] = lower(c)
		}
		name := view(arena[mark:])
		mark = len(arena)
		arena = append(arena, h.raw[s.v0:s.v1]...)
		value := view(arena[mark:])
		if name == "host" {
			// An absolute target overrides what the header says.
			value = x.hostText(value)
		}
		fields = append(fields, outside.Field{Name: name, Value: value})
	}
	if forwarded != "" {
		forwarded += ", " + x.c.peerAddr()
	} else {
		forwarded = client
	}
	req.Header = append(fields,
		outside.Field{Name: "cf-connecting-ip", Value: client},
		outside.Field{Name: "cf-ray", Value: x.RequestID()},
		outside.Field{Name: "x-forwarded-for", Value: forwarded},
		outside.Field{Name: "x-forwarded-proto", Value: x.scheme},
		outside.Field{Name: "x-real-ip", Value: client},
	)
	return req
}

// URL is the absolute request URL as the URL standard serialises it.
func (x *Exchange) URL() string { return view(x.appendURL(nil)) }

func (x *Exchange) appendURL(b []byte) []byte {
	h := &x.head
	host := h.host
	port := host[h.port:]
	switch {
	case len(port) == 1, // "host:"
		len(port) == 3 && x.scheme == "http" && string(port) == ":80",
		len(port) == 4 && x.scheme == "https" && string(port) == ":443":
		host = host[:h.port]
	}
	b = append(append(b, x.scheme...), "://"...)
	return append(append(b, host...), h.target...)
}

// hostText is the host as a string of its own, or sent if that is the same.
func (x *Exchange) hostText(sent string) string {
	if is(sent, view(x.head.host)) {
		return sent
	}
	return string(x.head.host)
}

// dropped reports whether a header line is about the connection, not the request
// (https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1). A WebSocket handshake
// keeps upgrade, which workers look at.
func (h *head) dropped(name []byte) bool {
	switch len(name) {
	case 2:
		if is(name, "te") {
			return true
		}
	case 6:
		if is(name, "expect") {
			return true
		}
	case 7:
		if is(name, "upgrade") {
			return !h.upgrade
		}
		if is(name, "trailer") {
			return true
		}
	case 10:
		if is(name, "connection") || is(name, "keep-alive") {
			return true
		}
	case 16:
		if is(name, "proxy-connection") {
			return true
		}
	case 17:
		if is(name, "transfer-encoding") {
			return true
		}
	case 18:
		if is(name, "proxy-authenticate") {
			return true
		}
	case 19:
		if is(name, "proxy-authorization") {
			return true
		}
	}
	if h.connection < 0 || h.upgrade {
		return false
	}
	// What Connection names goes too, but for what every request needs: a client
	// must not be able to hide those from a worker.
	switch {
	case is(name, "host"), is(name, "content-length"), is(name, "content-type"), is(name, "authorization"), is(name, "cookie"):
		return false
	}
	for _, s := range h.spans {
		if s.n1-s.n0 == 10 && is(h.raw[s.n0:s.n1], "connection") && listNames(h.raw[s.v0:s.v1], name) {
			return true
		}
	}
	return false
}

// listNames reports whether the comma-separated list names the field.
func listNames(list, name []byte) bool {
	for len(list) > 0 {
		end := 0
		for end < len(list) && list[end] != ',' {
			end++
		}
		if item := trim(list[:end]); len(item) == len(name) && strings.EqualFold(view(item), view(name)) {
			return true
		}
		list = list[min(end+1, len(list)):]
	}
	return false
}

// isForwarding reports whether the front end itself sets the header.
func isForwarding(name []byte) bool {
	switch len(name) {
	case 6:
		return is(name, "cf-ray")
	case 9:
		return is(name, "x-real-ip")
	case 15:
		return is(name, "x-forwarded-for")
	case 16:
		return is(name, "cf-connecting-ip")
	case 17:
		return is(name, "x-forwarded-proto")
	}
	return false
}

// resolve finds the client's address and scheme.
func (x *Exchange) resolve() {
	c := x.c
	x.client = c.peer
	x.scheme = "http"
	if c.tlsConn != nil {
		x.scheme = "https"
	}
	proxies := c.srv.cfg.TrustedProxies
	if len(proxies) == 0 || !contains(proxies, c.peer) {
		return
	}
	x.trusted = true
	if !x.head.forwarding {
		return
	}
	if v, ok := x.head.get("x-forwarded-proto"); ok {
		switch {
		case is(v, "https"):
			x.scheme = "https"
		case is(v, "http"):
			x.scheme = "http"
		}
	}
	if addr, ok := x.forwardedClient(proxies); ok {
		x.client = addr
		return
	}
	for _, name := range [...]string{"cf-connecting-ip", "x-real-ip"} {
		if v, ok := x.head.get(name); ok {
			if addr, ok := parseAddr(v); ok {
				x.client = addr
				return
			}
		}
	}
}

// forwardedClient is the last address in x-forwarded-for that no trusted proxy
// has; what stands before it is the client's own claim.
func (x *Exchange) forwardedClient(proxies []netip.Prefix) (netip.Addr, bool) {
	var found netip.Addr
	spans := x.head.spans
	for i := len(spans) - 1; i >= 0; i-- {
		s := spans[i]
		if s.n1-s.n0 != 15 || !is(x.head.raw[s.n0:s.n1], "x-forwarded-for") {
			continue
		}
		v := view(x.head.raw[s.v0:s.v1])
		for v != "" {
			item := v
			if j := strings.LastIndexByte(v, ','); j >= 0 {
				item, v = v[j+1:], v[:j]
			} else {
				v = ""
			}
			addr, ok := parseAddr(trim(item))
			if !ok {
				return found, found.IsValid()
			}
			found = addr
			if !contains(proxies, addr) {
				return found, true
			}
		}
	}
	return found, found.IsValid()
}

// parseAddr reads an address, with a port or brackets as some proxies write it.
func parseAddr(v string) (netip.Addr, bool) {
	if len(v) > 64 {
		return netip.Addr{}, false
	}
	if a, err := netip.ParseAddr(v); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if a, err := netip.ParseAddrPort(v); err == nil {
		return a.Addr().Unmap().WithZone(""), true
	}
	if len(v) > 2 && v[0] == '[' && v[len(v)-1] == ']' {
		if a, err := netip.ParseAddr(v[1 : len(v)-1]); err == nil {
			return a.WithZone(""), true
		}
	}
	return netip.Addr{}, false
}

func contains(nets []netip.Prefix, a netip.Addr) bool {
	for _, n := range nets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

func (c *conn) peerAddr() string {
	if c.peerText == "" {
		c.peerText = c.peer.String()
	}
	return c.peerText
}

func (x *Exchange) clientText() string {
	if x.client == x.c.peer {
		return x.c.peerAddr()
	}
	return x.client.String()
}

// plainCF is request.cf of a connection without TLS.
var plainCF = []byte(`{"asn":0,"city":null,"clientTcpRtt":0,"colo":"MAY","continent":null,"country":null,"httpProtocol":"HTTP/1.1","requestPriority":"","tlsCipher":"","tlsClientAuth":null,"tlsVersion":""}`)

// cf is the JSON text of request.cf; the caller must not change it.
func (x *Exchange) cf() []byte {
	c := x.c
	if c.tlsConn == nil && x.head.http11 {
		return plainCF
	}
	if c.cf == nil {
		var version, cipher, protocol = "", "", "HTTP/1.1"
		if !x.head.http11 {
			protocol = "HTTP/1.0"
		}
		if st := x.TLS(); st != nil {
			version = strings.Replace(tls.VersionName(st.Version), "TLS 1", "TLSv1", 1)
			cipher = tls.CipherSuiteName(st.CipherSuite)
		}
		quote := func(s string) string {
			b, _ := json.Marshal(s) // a string always marshals
			return string(b)
		}
		c.cf = []byte(strings.NewReplacer(
			`"HTTP/1.1"`, quote(protocol),
			`"tlsCipher":""`, `"tlsCipher":`+quote(cipher),
			`"tlsVersion":""`, `"tlsVersion":`+quote(version)).Replace(string(plainCF)))
	}
	return c.cf
}

func bodyLimitText(limit int64) string {
	return "The request body is larger than " + strconv.FormatInt(limit, 10) + " bytes."
}
