package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/process"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

// controlPlane attacks the control plane.
func controlPlane() (all []*assault) {
	add := func(name string, short, once bool, run func(context.Context, *arena) finding) {
		all = append(all, &assault{group: "control plane", name: name, short: short, once: once, run: run})
	}
	add("3000 random requests", false, true, fuzz(3000, true))
	add("300 random requests without a token", true, true, fuzz(300, false))
	add("tokens of every wrong form", false, false, func(ctx context.Context, a *arena) finding {
		for _, header := range []string{"", "Bearer", "Bearer ", "Bearer " + process.Token + "x", "Bearer " + process.Token[:20], "Basic " + process.Token,
			"Bearer mayfly_", "bearer\t" + strings.Repeat("a", 100_000), "Bearer ' or 1=1 --", "Bearer \xff\xfe", process.Token} {
			req, err := http.NewRequestWithContext(ctx, "GET", a.API.API+"/accounts/default/workers/scripts", nil)
			if err != nil {
				return wrongf("%v", err)
			}
			req.Header["Authorization"] = []string{header}
			res, err := a.API.Client.Do(req)
			if err != nil {
				continue // refused by its form
			}
			text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10))
			res.Body.Close()
			if res.StatusCode < 400 || res.StatusCode >= 500 {
				return wrongf("%.40q is answered %d %q", header, res.StatusCode, text)
			}
		}
		return finding{ended: "refused 401"}
	})
	for _, s := range []struct{ name, contentType, body string }{
		{"upload that is no form", "multipart/form-data; boundary=x", "not a form"},
		{"upload without a boundary", "multipart/form-data", "--x\r\n\r\n--x--"},
		{"upload with metadata that is no JSON", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{{{\r\n--x--\r\n"},
		{"upload with metadata of 100,000 levels", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n" + strings.Repeat("[", 100_000) + "\r\n--x--\r\n"},
		{"upload with 5000 parts", "multipart/form-data; boundary=x", strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.js\"\r\nContent-Type: application/javascript+module\r\n\r\n0\r\n", 5000) + "--x--\r\n"},
		{"upload whose module leaves the directory", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"main_module\":\"../../../../etc/passwd\"}\r\n--x\r\nContent-Disposition: form-data; name=\"../../../../etc/passwd\"; filename=\"../../../../etc/passwd\"\r\nContent-Type: application/javascript+module\r\n\r\nimport x from \"/etc/passwd\"; export default {}\r\n--x--\r\n"},
	} {
		add(s.name, false, false, func(ctx context.Context, a *arena) finding {
			return refusedBelow500(a.mallory.Call(ctx, "PUT", "/workers/scripts/"+a.name(), s.contentType, []byte(s.body), nil))
		})
	}
	for _, s := range []struct {
		name, code string
		deadly     bool
	}{
		{"parser bomb of brackets", strings.Repeat("[", 200_000), true},
		{"parser bomb of templates", "export default " + strings.Repeat("`${", 100_000), true},
		{"parser bomb of arrows", "export default " + strings.Repeat("a=>", 300_000) + "1", true},
		{"parser bomb of unary operators", "export default " + strings.Repeat("!", 1_000_000) + "1", true},
		{"parser bomb of additions", "export default " + strings.Repeat("1+", 500_000) + "1", true},
		{"parser bomb of a regular expression", "export default /" + strings.Repeat("(", 200_000) + strings.Repeat(")", 200_000) + "/", true},
		{"top level that loops", "for (;;); export default {}", false},
		{"top level that takes memory", "const a = []; for (;;) a.push(new Array(1000).fill(1)); export default {}", true},
		{"top level that awaits for ever", "await new Promise(() => {}); export default {}", false},
		{"import of the disk", `import x from "/etc/passwd"; export default { fetch() { return new Response(x) } }`, false},
		{"import of a glob of the disk", "export default { async fetch() { return new Response(await import(`/etc/${1}`)) } }", false},
		{"import of the network", `import x from "https://example.com/x.js"; export default {}`, false},
	} {
		all = append(all, &assault{group: "hostile uploads", name: s.name, deadly: s.deadly, run: func(ctx context.Context, a *arena) finding {
			start := time.Now()
			name := a.name()
			err := a.deploy(ctx, remote.Worker{Name: name, Code: s.code})
			took := time.Since(start)
			if err == nil { // what is only deep may be compiled; it must not run into harm
				got, err := a.get(ctx, host(name), "/")
				if err != nil {
					return wrongf("%v", err)
				}
				if strings.Contains(got.body, "root:") {
					return wrongf("it read the disk: %.100q", got.body)
				}
				return finding{ended: fmt.Sprint("compiled ", got.status), took: took}
			}
			f := refusedBelow500(err)
			f.took = took
			return f
		}})
	}
	add("50 slow requests", false, true, func(ctx context.Context, a *arena) finding {
		var conns []net.Conn
		defer func() { closeAll(conns) }()
		var d net.Dialer
		for range 50 {
			c, err := d.DialContext(ctx, "tcp", a.Control)
			if err != nil {
				return wrongf("%v", err)
			}
			conns = append(conns, c)
			if _, err := io.WriteString(c, "PUT /client/v4/accounts/default/workers/scripts/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n"); err != nil {
				return wrongf("%v", err)
			}
		}
		var list []struct{ ID string }
		if err := a.API.Call(ctx, "GET", "/workers/scripts", "", nil, &list); err != nil {
			return wrongf("%v", err)
		}
		return finding{ended: "others answered"}
	})
	return all
}

// fuzz sends random requests. Nothing may fail with a status of the 500s, and without a
// token nothing may succeed.
func fuzz(n int, authorized bool) func(context.Context, *arena) finding {
	return func(ctx context.Context, a *arena) finding {
		space, err := a.mallory.CreateNamespace(ctx, "fuzz "+a.name()) // it may not outlive this
		if err != nil {
			return wrongf("%v", err)
		}
		var mu sync.Mutex
		var wrong string
		statuses := map[int]int{}
		var busy sync.WaitGroup
		for w := range 4 {
			busy.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(w), uint64(n)))
				for range n / 4 {
					req := randomRequest(rnd, a, space)
					if authorized {
						req.Header.Set("Authorization", "Bearer "+a.mallory.Token)
					}
					status, text, err := send(ctx, a, req)
					mu.Lock()
					statuses[status/100*100]++
					open := strings.HasPrefix(req.URL.Path, "/healthz") || strings.HasPrefix(req.URL.Path, "/readyz") || req.Method == "OPTIONS"
					switch {
					case err != nil && !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "EOF") && !strings.Contains(err.Error(), "broken pipe"):
						wrong = fmt.Sprintf("%s %s: %v", req.Method, req.URL, err)
					case status >= 500 && status != 501:
						wrong = fmt.Sprintf("%s %s: %d %s", req.Method, req.URL, status, text)
					case !authorized && status < 300 && status > 0 && !open:
						wrong = fmt.Sprintf("%s %s without a token: %d %s", req.Method, req.URL, status, text)
					}
					mu.Unlock()
				}
			})
		}
		busy.Wait()
		f := finding{ended: fmt.Sprintf("%d taken, %d refused", statuses[200], statuses[400])}
		f.wrong = wrong
		return f
	}
}

func send(ctx context.Context, a *arena, req *http.Request) (status int, text string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	res, err := a.API.Client.Do(req.WithContext(ctx))
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(res.Body, 300))
	return res.StatusCode, string(b), nil
}

// randomRequest puts together parts of the API that fit, and some that do not.
func randomRequest(rnd *rand.Rand, a *arena, namespace string) *http.Request {
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	odd := func() string {
		return pick("x", "..", "%2e%2e", "%00", "%ff", "", strings.Repeat("a", 5000), "a/b", "'", "<script>", "💥", "-1", "00000000-0000-0000-0000-000000000000", namespace)
	}
	method := pick("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "BREW")
	path := pick("/client/v4", "/client/v4/accounts/"+a.mallory.Account, "/client/v4/accounts/default", "/client/v4/zones/"+odd(), "", "/metrics", "/2015-03-31/functions/x/invocations") +
		pick("/workers/scripts", "/workers/scripts/"+odd(), "/workers/services/"+odd(), "/workers/domains/records", "/storage/kv/namespaces", "/storage/kv/namespaces/"+namespace, "/mayfly/usage", "/mayfly/audit", "/mayfly/invoice", "/user", "/workers/assets/upload") +
		pick("", "/versions", "/versions/"+odd(), "/deployments", "/secrets", "/secrets-bulk", "/settings", "/script-settings", "/subdomain", "/schedules", "/routes", "/tails", "/content/v2", "/keys", "/values/"+odd(), "/bulk", "/bulk/get", "/bulk/delete", "/metadata/"+odd(), "/assets-upload-session", "/domains/records")
	if rnd.IntN(2) == 0 {
		path += "?" + pick("limit=-1", "limit=1e9", "cursor="+odd(), "prefix="+odd(), "from=yesterday", "step=0", "page=999999999999&per_page=-5", "since=18446744073709551615", "expiration_ttl=-1", "%zz", "force=true")
	}
	body := pick("", "null", "{}", "[]", `"x"`, "{", strings.Repeat("[", 20_000), `{"name":"x","text":null,"type":"secret_text"}`, `[{"key":"a","value":1}]`, `[{"key":"`+strings.Repeat("k", 3000)+`","value":"v"}]`,
		`{"versions":[{"version_id":"x","percentage":1e308}]}`, `{"enabled":"yes"}`, `[{"cron":"* * * * *"}]`, `{"title":`+"\"\x00\"}", `{"keys":["a",1,null]}`, "\xff\xfe\x00")
	target := "http://" + a.Control + path
	req, err := http.NewRequest(method, target, bytes.NewReader([]byte(body)))
	if err != nil { // not a URL that this client can send
		req, _ = http.NewRequest(method, "http://"+a.Control+"/client/v4", bytes.NewReader([]byte(body)))
	}
	req.Header.Set("Content-Type", pick("application/json", "multipart/form-data; boundary=x", "text/plain", "application/octet-stream", ""))
	return req
}
