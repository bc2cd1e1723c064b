package main

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// originAddress is the one private address that workers may reach in these tests. The
// whole of 127.0.0.0/8 is the loopback interface.
const originAddress = "127.0.0.9"

// An origin is a server that Mallory runs. Beside it is a canary that must hear nothing.
type origin struct {
	addr   string // what workers may reach
	canary string // what they must not
	heard  atomic.Int64
	last   atomic.Value // string: the head of the newest request, as it came
}

func newOrigin() (*origin, error) {
	o := &origin{}
	o.last.Store("")
	l, err := net.Listen("tcp", originAddress+":0")
	if err != nil {
		return nil, fmt.Errorf("the address %s: %w", originAddress, err)
	}
	o.addr = l.Addr().String()
	go func() { _ = http.Serve(l, o) }()
	for _, network := range []string{"tcp4", "tcp6"} {
		address := "127.0.0.1:0"
		if network == "tcp6" {
			_, port, _ := strings.Cut(o.canary, ":")
			address = "[::1]:" + port
		}
		c, err := net.Listen(network, address)
		if err != nil && network == "tcp6" {
			break // this machine has no IPv6
		}
		if err != nil {
			return nil, err
		}
		if network == "tcp4" {
			o.canary = c.Addr().String()
		}
		go func() {
			for {
				conn, err := c.Accept()
				if err != nil {
					return
				}
				o.heard.Add(1)
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\ncanary")
				conn.Close()
			}
		}()
	}
	return o, nil
}

func (o *origin) canaryPort() string {
	_, port, _ := net.SplitHostPort(o.canary)
	return port
}

// ServeHTTP implements http.Handler.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var head strings.Builder
	fmt.Fprintf(&head, "%s %s\n", r.Method, r.RequestURI)
	_ = r.Header.Write(&head)
	o.last.Store(head.String())
	switch r.URL.Path {
	case "/redirect":
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(302)
	case "/circle":
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		http.Redirect(w, r, fmt.Sprintf("/circle?n=%d", n+1), http.StatusTemporaryRedirect)
	case "/bomb":
		w.Header().Set("Content-Encoding", "gzip")
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
		_, _ = io.Copy(z, &zeros{left: 4 << 30}) // the client leaves
	case "/endless":
		_, _ = io.Copy(w, &zeros{left: 8 << 30})
	case "/slow":
		for range 200 {
			if _, err := io.WriteString(w, "."); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-time.After(50 * time.Millisecond):
			case <-r.Context().Done():
				return
			}
		}
	case "/silent":
		<-r.Context().Done()
	case "/headers":
		for i := range 2000 {
			w.Header().Add(fmt.Sprintf("x-%d", i), strings.Repeat("v", 1000))
		}
	default:
		_, _ = io.WriteString(w, "origin")
	}
}

// ssrf are ways to write an address that must not be reached. PORT is the canary's.
var ssrf = []struct{ name, url string }{
	{"loopback", "http://127.0.0.1:PORT/"},
	{"localhost", "http://localhost:PORT/"},
	{"localhost with a dot", "http://localhost.:PORT/"},
	{"short form", "http://127.1:PORT/"},
	{"decimal", "http://2130706433:PORT/"},
	{"hexadecimal", "http://0x7f000001:PORT/"},
	{"octal", "http://0177.0.0.1:PORT/"},
	{"full-width digits", "http://１２７.0.0.1:PORT/"},
	{"percent encoded", "http://%31%32%37.0.0.1:PORT/"},
	{"unspecified", "http://0.0.0.0:PORT/"},
	{"zero", "http://0:PORT/"},
	{"IPv6 loopback", "http://[::1]:PORT/"},
	{"IPv6 unspecified", "http://[::]:PORT/"},
	{"IPv4 mapped", "http://[::ffff:127.0.0.1]:PORT/"},
	{"IPv4 mapped, hexadecimal", "http://[::ffff:7f00:1]:PORT/"},
	{"IPv4 compatible", "http://[::127.0.0.1]:PORT/"},
	{"IPv4 translated", "http://[::ffff:0:7f00:1]:PORT/"},
	{"NAT64", "http://[64:ff9b::7f00:1]:PORT/"},
	{"6to4", "http://[2002:7f00:1::]:PORT/"},
	{"Teredo", "http://[2001:0:7f00:1::]:PORT/"},
	{"unique local", "http://[fd00::1]:PORT/"},
	{"link local", "http://[fe80::1]:PORT/"},
	{"cloud metadata", "http://169.254.169.254/latest/meta-data/"},
	{"cloud metadata, IPv6", "http://[fd00:ec2::254]/latest/meta-data/"},
	{"private network", "http://10.0.0.1:PORT/"},
	{"user info before it", "http://example.com@127.0.0.1:PORT/"},
	{"backslash", `http:\\127.0.0.1:PORT\`},
}

// egressAttacks go out of the server.
func egressAttacks() (all []*assault) {
	for i, s := range ssrf {
		all = append(all,
			&assault{group: "ssrf", name: s.name, short: i == 0, run: func(ctx context.Context, a *arena) finding {
				return a.mustNotReach(ctx, strings.ReplaceAll(s.url, "PORT", a.origin.canaryPort()))
			}})
	}
	for _, s := range []struct {
		name, to string
		short    bool
	}{
		{"loopback", "http://CANARY/", true}, {"IPv6 loopback", "http://[::1]:PORT/", false}, {"the control plane", "http://CONTROL/client/v4/user", false},
		{"metadata", "http://169.254.169.254/", false}, {"file", "file:///etc/passwd", false}, {"data", "data:text/plain,secret", false},
	} {
		all = append(all, &assault{group: "ssrf by redirect", name: "to " + s.name, short: s.short, run: func(ctx context.Context, a *arena) finding {
			to := strings.NewReplacer("CANARY", a.origin.canary, "PORT", a.origin.canaryPort(), "CONTROL", a.Control).Replace(s.to)
			return a.mustNotReach(ctx, "http://"+a.origin.addr+"/redirect?to="+to)
		}})
	}
	for _, s := range []script{
		{name: "redirects in a circle", code: `await fetch("http://ORIGIN/circle?n=0")`, want: harmless},
		{name: "gzip bomb of an origin, kept", code: `await (await fetch("http://ORIGIN/bomb")).arrayBuffer()`, want: stopped, cpu: 5000},
		{name: "gzip bomb of an origin, read away", code: `const r = (await fetch("http://ORIGIN/bomb")).body.getReader(); for (;;) { const { done } = await r.read(); if (done) break }`, want: stopped, cpu: 300},
		{name: "endless body of an origin, kept", code: `await (await fetch("http://ORIGIN/endless")).text()`, want: stopped, cpu: 5000},
		{name: "headers of 2 MB of an origin", code: `await fetch("http://ORIGIN/headers")`, want: harmless},
		{name: "origins that never answer", code: `await Promise.race([Promise.all(Array.from({ length: 40 }, () => fetch("http://ORIGIN/silent"))), scheduler.wait(300)]); return new Response("done")`, want: harmless, says: "done"},
		{name: "origins that never upgrade", code: `const all = Array.from({ length: 40 }, () => new WebSocket("ws://ORIGIN/silent")); await scheduler.wait(300); return new Response("done")`, want: harmless, says: "done"},
		{name: "origins that trickle", code: `await Promise.race([Promise.all(Array.from({ length: 40 }, async () => (await fetch("http://ORIGIN/slow")).text())), scheduler.wait(300)]); return new Response("done")`, want: harmless, says: "done"},
	} {
		shared := ""
		if strings.Contains(s.code, "/bomb") || strings.Contains(s.code, "/endless") {
			shared = "the server decodes and passes on what is fetched"
		}
		all = append(all, &assault{group: "hostile origins", name: s.name, shared: shared, run: func(ctx context.Context, a *arena) finding {
			with := s
			with.code = strings.ReplaceAll(s.code, "ORIGIN", a.origin.addr)
			return with.run(ctx, a)
		}})
	}
	return append(all,
		&assault{group: "request smuggling", name: "out of a worker by its headers", short: true, run: smuggleOut},
		&assault{group: "dns rebinding", name: "name that changes its address", run: rebind})
}

// mustNotReach has a worker ask for a URL that it must not get, in each way it has.
func (a *arena) mustNotReach(ctx context.Context, target string) finding {
	name := a.name()
	code := fmt.Sprintf(`const url = %s;
const answered = async (r) => { if (r.webSocket || r.ok) throw "reached " + r.status + " " + await r.text() };
const ways = [
	() => fetch(url).then(async (r) => { throw "reached " + r.status + " " + await r.text() }, () => {}),
	() => fetch(url, { headers: { upgrade: "websocket" } }).then(answered, () => {}),
	() => new Promise((resolve, reject) => {
		try {
			const socket = new WebSocket(url.replace(/^http/, "ws"));
			socket.onerror = resolve;
			socket.onopen = () => reject("reached by a socket");
		} catch (e) { resolve(e) }
	}),
];
export default { async fetch() {
	try { for (const way of ways) await way(); return new Response("refused") } catch (e) { return new Response(String(e)) }
} }`, toJSON(target))
	if err := a.deploy(ctx, remote.Worker{Name: name, Code: code}); err != nil {
		return wrongf("deployment: %v", err)
	}
	before := a.origin.heard.Load()
	got, err := a.get(ctx, host(name), "/")
	switch {
	case err != nil:
		return wrongf("%v", err)
	case a.origin.heard.Load() != before:
		return wrongf("the canary was reached by %s: %.200q", target, got.body)
	case got.body != "refused":
		return wrongf("%s: %.300q", target, got.body)
	}
	return finding{ended: "refused", took: got.took}
}

// smuggleOut tries to make a worker's request carry another. The origin must see whole
// requests only, with the length that the server gave them.
func smuggleOut(ctx context.Context, a *arena) finding {
	name := a.name()
	code := fmt.Sprintf(`export default { async fetch(request) {
	const tries = [
		{ method: "POST", body: "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", headers: { "transfer-encoding": "chunked" } },
		{ method: "POST", body: "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", headers: { "content-length": "0" } },
		{ method: "POST", body: "x", headers: { "content-length": "1\r\n\r\nGET /smuggled HTTP/1.1" } },
		{ method: "GET", headers: { "x-a": "b\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n" } },
		{ method: "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /smuggled" },
		{ method: "GET", headers: { host: "x\r\n\r\nGET /smuggled" } },
		{ method: "GET", headers: { connection: "upgrade", upgrade: "h2c", "http2-settings": "AAAA" } },
	];
	const said = [];
	for (const t of tries) { try { said.push((await fetch("http://%[1]s/plain", t)).status) } catch (e) { said.push(e.name) } }
	try { said.push((await fetch("http://%[1]s/plain\r\nx: y")).status) } catch (e) { said.push(e.name) }
	return new Response(said.join());
} }`, a.origin.addr)
	if err := a.deploy(ctx, remote.Worker{Name: name, Code: code}); err != nil {
		return wrongf("deployment: %v", err)
	}
	got, err := a.get(ctx, host(name), "/")
	if err != nil || got.status != 200 {
		return wrongf("%d %.200q %v", got.status, got.body, err)
	}
	// A smuggled request would come after the others on their connection.
	if got, err := a.get(ctx, host(name), "/"); err != nil || got.status != 200 {
		return wrongf("%d %.200q %v", got.status, got.body, err)
	}
	if last := a.origin.last.Load().(string); strings.Contains(last, "smuggled") {
		return wrongf("the origin was sent %q", last)
	}
	return finding{ended: "not sent", took: got.took}
}

// rebind asks by a name that leads to the allowed address for Mallory's origin and then
// to the canary. It runs the server's own client, since a server takes the system's
// resolver.
func rebind(ctx context.Context, a *arena) finding {
	allowed, denied := netip.MustParseAddr(originAddress), netip.MustParseAddr("127.0.0.1")
	before := a.origin.heard.Load()
	reached, refused, err := rebound(ctx, allowed, denied, a.origin)
	switch {
	case err != nil:
		return wrongf("%v", err)
	case a.origin.heard.Load() != before:
		return wrongf("the canary was reached")
	case !reached || !refused:
		return wrongf("first request answered: %v, second refused: %v", reached, refused)
	}
	return finding{ended: "refused"}
}
