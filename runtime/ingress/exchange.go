package ingress

import (
	"context"
	"crypto/tls"
	"net/netip"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// An Exchange is one request and its response. It belongs to the goroutine that
// runs ServeWorker and ends when that returns; strings it calls views share its
// memory and end with it too.
type Exchange struct {
	state
	head head
	out  []byte // the response head and small bodies are assembled here
}

// state is what of an Exchange is made anew for each request.
type state struct {
	c   *conn
	ray [rayLen]byte

	rayText string // made when first needed
	client  netip.Addr
	scheme  string
	trusted bool // the peer is a trusted proxy

	bytes  []byte       // a buffered body
	stream *requestBody // a streamed one

	ctx context.Context // made when first needed

	closing   bool // the connection ends after this response
	responded bool
	failed    bool // the response could not be completed
	hijacked  bool // the connection is no longer HTTP
	bytesIn   int64
	bytesOut  int64

	vec  [2][]byte
	bufs [][]byte
}

// maxKept is the largest buffer that an idle Exchange keeps.
const maxKept = 64 << 10

// reset makes x ready for another request and reports whether it is worth keeping.
func (x *Exchange) reset() bool {
	if cap(x.head.spans) > 256 || cap(x.head.buf) > maxKept || cap(x.out) > maxKept {
		return false
	}
	x.head.fast.Reset()
	x.head.raw, x.head.host, x.head.target = nil, nil, nil
	x.head.spans, x.head.buf, x.out = x.head.spans[:0], x.head.buf[:0], x.out[:0]
	x.head.method = ""
	x.state = state{}
	return true
}

// Method is the request method as sent.
func (x *Exchange) Method() string { return x.head.method }

// Scheme is "http" or "https", as the client used it.
func (x *Exchange) Scheme() string { return x.scheme }

// Host is the host asked for, in lower case, with its port if there is one. A view.
func (x *Exchange) Host() string { return view(x.head.host) }

// Hostname is Host without the port. A view.
func (x *Exchange) Hostname() string { return view(x.head.host[:x.head.port]) }

// Target is the path and query as the URL standard serialises them: it begins
// with "/", dot segments are resolved. A view.
func (x *Exchange) Target() string { return view(x.head.target) }

// Header is the value of the first header of that lower-case name, exactly as
// sent, forwarding headers of strangers included. A view.
func (x *Exchange) Header(name string) (value string, ok bool) { return x.head.get(name) }

// VisitHeaders calls f with each header line as sent until f returns false. The
// names may be in any case; both arguments are views.
func (x *Exchange) VisitHeaders(f func(name, value string) bool) {
	raw := x.head.raw
	for _, s := range x.head.spans {
		if !f(view(raw[s.n0:s.n1]), view(raw[s.v0:s.v1])) {
			return
		}
	}
}

// Client is the address of the client, which behind trusted proxies is not the peer's.
func (x *Exchange) Client() netip.Addr { return x.client }

// TLS is the state of the connection's TLS, or nil on a plain connection.
func (x *Exchange) TLS() *tls.ConnectionState {
	if x.c.tlsConn == nil {
		return nil
	}
	st := x.c.tlsConn.ConnectionState()
	return &st
}

// RequestID names the request: 16 hexadecimal digits and "-MAY". It is the value
// of the cf-ray headers and of outside.Call.Invocation.
func (x *Exchange) RequestID() string {
	if x.rayText == "" {
		x.rayText = string(x.ray[:])
	}
	return x.rayText
}

// Upgrade reports whether the client asks for a WebSocket, which an
// outside.Response with status 101 and a Socket accepts.
func (x *Exchange) Upgrade() bool { return x.head.upgrade }

// Hops is how many Mayfly workers the request has passed through before, by its
// cdn-loop headers (https://www.rfc-editor.org/rfc/rfc8586).
func (x *Exchange) Hops() int {
	n := 0
	for _, s := range x.head.spans {
		if s.n1-s.n0 == 8 && is(x.head.raw[s.n0:s.n1], "cdn-loop") {
			n = max(n, hops(view(x.head.raw[s.v0:s.v1])))
		}
	}
	return n
}

// BytesIn is how many bytes of request body have arrived so far.
func (x *Exchange) BytesIn() int64 {
	if x.stream != nil {
		return x.stream.read64.Load()
	}
	return x.bytesIn
}

// BytesOut is how many bytes of response body have been sent so far.
func (x *Exchange) BytesOut() int64 { return x.bytesOut }

// Responded reports whether a response has been begun.
func (x *Exchange) Responded() bool { return x.responded }

// Context ends with ErrClientGone within about a quarter of a second after the
// client has closed its connection, with ErrShutdown when the server is closed,
// and with ErrDone when ServeWorker returns. The first call makes it, so a
// handler that answers at once should not ask for it. A client that closes only
// its sending side counts as gone, as it does with most servers.
func (x *Exchange) Context() context.Context {
	if x.ctx == nil {
		ctx, cancel := context.WithCancelCause(x.c.srv.base)
		x.ctx = ctx
		x.c.watch.Store(&watch{cancel})
	}
	return x.ctx
}

// gone ends the context because the client has left.
func (x *Exchange) gone() {
	if w := x.c.watch.Load(); w != nil {
		w.cancel(ErrClientGone)
	}
}

// hops reads the largest count that Mayfly left in a cdn-loop value. An entry
// without a count stands for one hop.
func hops(v string) int {
	n := 0
	for len(v) > 0 {
		item := v
		for i := range len(v) {
			if v[i] == ',' {
				item = v[:i]
				break
			}
		}
		v = v[min(len(item)+1, len(v)):]
		item = trim(item)
		const name, param = "mayfly", "hops="
		if len(item) < len(name) || !is(item[:len(name)], name) {
			continue
		}
		rest := item[len(name):]
		if rest == "" {
			n = max(n, 1)
			continue
		}
		if rest = trim(rest); rest[0] != ';' {
			continue
		}
		rest = trim(rest[1:])
		count := 1
		if len(rest) > len(param) && is(rest[:len(param)], param) {
			count = 0
			for _, c := range []byte(rest[len(param):]) {
				if c < '0' || c > '9' || count > 1000 {
					break
				}
				count = count*10 + int(c-'0')
			}
		}
		n = max(n, count)
	}
	return n
}

// Request builds the request as the worker sees it. Everything in it is a copy,
// but for the body, which is the receiver's: call Request at most once.
func (x *Exchange) Request() *outside.Request {
	return x.buildRequest()
}
