package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// An arena is the server under attack, with its tenants: the good one has the server's
// own account, Mallory has another.
type arena struct {
	binary, dir string
	containment string
	lenient     bool // the good workers may get slower
	*process.Mayfly

	mallory   remote.Server
	good      string       // id of the good tenant's account
	names     atomic.Int64 // of Mallory's workers
	namespace string       // Mallory's
	goodSpace string       // the good tenant's

	origin *origin
	probes *probes
	http   *http.Client
}

// Secrets that nobody but their owner must ever see.
const (
	victimSecret = "the-secret-of-the-good-tenant-7f3a91"
	victimValue  = "the-value-of-the-good-tenant-55aa10"
)

// The good workers.
const (
	helloCode = `export default { async fetch(request, env) { await scheduler.wait(0); return new Response("good hello") } }`
	storeCode = `export default { async fetch(request, env) {
	const n = Number(await env.KV.get("count") ?? 0);
	await env.KV.put("count", String(n + 1));
	return new Response("good store " + (await env.KV.get("kept")).length);
} }`
)

// patience is how long an attack may go without an answer before it counts as hanging.
const patience = 45 * time.Second

// open starts the server, or starts it anew after an attack that ended it.
func (a *arena) open(ctx context.Context) error {
	var err error
	if a.origin == nil {
		if a.origin, err = newOrigin(); err != nil {
			return err
		}
	}
	data, err := os.MkdirTemp(a.dir, "data-")
	if err != nil {
		return err
	}
	a.Mayfly, err = process.StartMayfly(ctx, a.binary, data, "--containment", a.containment, "--test-endpoints",
		"--egress-allow", originAddress+"/32", "--log-level", "info")
	if err != nil {
		return err
	}
	a.http = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, a.Addr)
		},
		MaxIdleConnsPerHost: 4,
	}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if err := a.people(ctx); err != nil {
		return a.Explain(err)
	}
	a.probes, err = startProbes(ctx, a.Addr)
	return err
}

// people makes the tenants.
func (a *arena) people(ctx context.Context) error {
	var err error
	var own struct{ ID string }
	if err := a.API.Call(ctx, "GET", "", "", nil, &own); err != nil {
		return err
	}
	a.good = own.ID // "default" would be the token's own account
	if a.goodSpace, err = a.API.CreateNamespace(ctx, "good"); err != nil {
		return err
	}
	if err := a.API.Put(ctx, a.goodSpace, "kept", []byte(victimValue)); err != nil {
		return err
	}
	secret := []map[string]any{{"type": "secret_text", "name": "SECRET", "text": victimSecret}}
	for _, w := range []remote.Worker{
		{Name: "hello", Code: helloCode, Bindings: secret},
		{Name: "store", Code: storeCode, Bindings: secret, KV: map[string]string{"KV": a.goodSpace}},
	} {
		if err := a.API.Deploy(ctx, w); err != nil {
			return err
		}
	}
	var account struct{ ID string }
	if err := a.API.Call(ctx, "POST", "../mayfly/accounts", "application/json", []byte(`{"name":"mallory"}`), &account); err != nil {
		return err
	}
	root := a.API
	root.Account = account.ID
	var token struct{ Value string }
	if err := root.Call(ctx, "POST", "/mayfly/tokens", "application/json", []byte(`{"name":"mallory","scopes":["deploy","kv","tail"]}`), &token); err != nil {
		return err
	}
	a.mallory = remote.Server{API: a.API.API, Account: account.ID, Token: token.Value, Client: a.API.Client}
	a.namespace, err = a.mallory.CreateNamespace(ctx, "mallory")
	return err
}

// close ends the server.
func (a *arena) close() {
	if a.probes != nil {
		a.probes.stop()
	}
	if a.http != nil {
		a.http.CloseIdleConnections()
	}
	a.Stop()
}

// alive reports whether the server's process is there.
func (a *arena) alive() bool {
	select {
	case <-a.Exited():
		return false
	default:
		return true
	}
}

// name makes a name for one of Mallory's workers.
func (a *arena) name() string { return fmt.Sprintf("w%d", a.names.Add(1)) }

// host is where one of Mallory's workers answers.
func host(worker string) string { return worker + ".mallory." + process.Domain }

// deploy uploads a worker of Mallory's, which has KV.
func (a *arena) deploy(ctx context.Context, w remote.Worker) error {
	if w.KV == nil {
		w.KV = map[string]string{"KV": a.namespace}
	}
	ctx, cancel := context.WithTimeout(ctx, 3*patience)
	defer cancel()
	return a.mallory.Deploy(ctx, w)
}

// An answer is what a client got.
type answer struct {
	status int
	code   string // of the platform's error page, such as 1102
	header http.Header
	body   string
	cut    error // the body did not end properly
	took   time.Duration
}

var pageCode = regexp.MustCompile(`^Error (\d{4}):`)

// get asks one of the workers. An error says that there was no head of an answer.
func (a *arena) get(ctx context.Context, hostname, target string) (answer, error) {
	return a.do(ctx, "GET", hostname, target, nil)
}

func (a *arena) do(ctx context.Context, method, hostname, target string, body io.Reader, headers ...string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+hostname+target, body)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	start := time.Now()
	res, err := a.http.Do(req)
	if err != nil {
		return answer{took: time.Since(start)}, err
	}
	defer res.Body.Close()
	got := answer{status: res.StatusCode, header: res.Header}
	var text bytes.Buffer
	_, got.cut = io.Copy(&text, io.LimitReader(res.Body, 8<<20))
	got.took = time.Since(start)
	got.body = text.String()
	if m := pageCode.FindStringSubmatch(got.body); m != nil {
		got.code = m[1]
	}
	return got, nil
}

// outcomes reads from the metrics how often the invocations of one of Mallory's workers
// ended how.
func (a *arena) outcomes(ctx context.Context, worker string) (map[string]int, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+a.Control+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+process.Token)
	res, err := a.API.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	found := map[string]int{}
	mine := fmt.Sprintf("account=%q", a.mallory.Account)
	script := fmt.Sprintf("script=%q", worker)
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, "mayfly_requests_total{") || !strings.Contains(line, mine) || !strings.Contains(line, script) {
			continue
		}
		_, rest, _ := strings.Cut(line, `outcome="`)
		outcome, _, _ := strings.Cut(rest, `"`)
		var n float64
		_, _ = fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &n)
		found[outcome] += int(n)
	}
	return found, lines.Err()
}

// outcome waits until an invocation of the worker has been reported.
func (a *arena) outcome(ctx context.Context, worker string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		found, err := a.outcomes(ctx, worker)
		if err != nil {
			return "", err
		}
		for o := range found {
			return o, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", errors.New("no invocation is reported")
		}
	}
}

// dial opens a connection to the front end, with a deadline.
func (a *arena) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", a.Addr)
	if err != nil {
		return nil, err
	}
	return c, c.SetDeadline(time.Now().Add(patience))
}

// raw sends bytes to the front end and returns all that comes back.
func (a *arena) raw(ctx context.Context, text string) (string, error) {
	c, err := a.dial(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	go func() {
		_, _ = io.WriteString(c, text) // it may be refused before its end
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(io.LimitReader(c, 1<<20))
	if len(got) > 0 {
		err = nil
	}
	return string(got), err
}

func toJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only plain values are given
	}
	return text
}
