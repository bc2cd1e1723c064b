package control

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// fill puts names that exist, or do not, into a pattern.
func (r *rig) fill(pattern, account string, known bool) string {
	names := map[string]string{
		"account": account, "script": "known", "namespace": r.namespace, "version": "00000000-0000-0000-0000-000000000000", "key": "k",
		"secret": "S", "environment": "production", "route": "0", "zone": zoneID(r.account, "example.com"), "domain": "0", "tail": "0", "token": "0",
		"hash": strings.Repeat("ab", 16), "rest...": "x",
	}
	if !known {
		names["script"], names["namespace"] = "unknown", strings.Repeat("0", 32)
	}
	for name, value := range names {
		pattern = strings.ReplaceAll(pattern, "{"+name+"}", value)
	}
	return pattern
}

func (e endpoint) verb() string {
	if e.method == "*" {
		return "POST"
	}
	return e.method
}

// session reports whether the endpoint has its own kind of token.
func (e endpoint) session() bool { return strings.Contains(e.pattern, "/assets/upload") }

func TestNoTokenNoAnswer(t *testing.T) {
	r := newRig(t)
	for _, e := range endpoints() {
		if e.open && !e.session() {
			continue
		}
		path := r.fill(e.pattern, "default", true)
		r.unchanged(path, func() {
			r.do(e.verb(), path, http.Header{"Authorization": {""}}, nil).refused(401, 10000)
			r.do(e.verb(), path, http.Header{"Authorization": {"Bearer wrong"}}, nil).refused(401, 10000)
			r.do(e.verb(), path, http.Header{"Authorization": {"Basic " + rootToken}}, nil).refused(401, 10000)
			if !e.session() {
				r.do(e.verb(), path, http.Header{"Authorization": nil, "X-Auth-Key": {"k"}, "X-Auth-Email": {"e"}}, nil).refused(401, 9106)
			}
		})
	}
	r.do("GET", "/nothing/here", http.Header{"Authorization": {""}}, nil).refused(401, 10000)
	r.get("/nothing/here").refused(404, 7003)
	r.do("DELETE", "/user", nil, nil).refused(405, 10405)
}

func TestScopes(t *testing.T) {
	r := newRig(t)
	for _, scope := range script.Scopes {
		header := bearerHeader(r.token(r.account, scope))
		for _, e := range endpoints() {
			if e.open || e.scope == "" {
				continue
			}
			path := r.fill(e.pattern, r.account, false)
			allowed := (&script.Token{Account: r.account, Scopes: []script.Scope{scope}}).Allows(r.account, e.scope)
			a := r.do(e.verb(), path, header, nil)
			forbidden := a.status == 403 && a.code() == 10000
			// Making accounts takes more than a scope.
			if forbidden == allowed && !strings.HasPrefix(e.pattern, inAPI+"/mayfly/accounts") {
				t.Errorf("scope %s: %s: %d %s", scope, a.what, a.status, a.body)
			}
		}
	}
}

func TestAnotherAccount(t *testing.T) {
	r := newRig(t)
	var other string
	if err := r.c.Store.Update(script.Actor{}, func(tx *script.Tx) error {
		a, err := tx.CreateAccount("Other")
		other = a.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	header := bearerHeader(r.token(other, script.ScopeAdmin))
	for _, e := range endpoints() {
		if e.open || !strings.Contains(e.pattern, "{account}") {
			continue
		}
		r.unchanged(e.pattern, func() {
			// An account of somebody else and one that does not exist look the same.
			mine := r.do(e.verb(), r.fill(e.pattern, r.account, true), header, nil)
			mine.refused(403, 10000)
			nobody := r.do(e.verb(), r.fill(e.pattern, strings.Repeat("0", 32), true), header, nil)
			nobody.refused(403, 10000)
			if mine.body != nobody.body {
				t.Errorf("%s tells whether the account exists", e.pattern)
			}
			r.do(e.verb(), r.fill(e.pattern, strings.Repeat("0", 32), true), nil, nil).refused(404, 7003)
			// The ids of one account mean nothing in another.
			if a := r.do(e.verb(), r.fill(e.pattern, other, true), header, nil); strings.Contains(e.pattern, "/{namespace}") && e.limit == 0 {
				a.refused(404, 10013)
			} else if strings.Contains(e.pattern, "/{script}") && e.limit == 0 && a.Success && string(a.Result) != "[]" && !strings.Contains(e.pattern, "tails") {
				t.Errorf("%s: %d %s", a.what, a.status, a.body)
			}
		})
	}
	// For a token of one account the alias is that account.
	if a := r.do("GET", "/accounts/default", header, nil); a.object("id") != other {
		t.Errorf("the default account of the token is %s", a.body)
	}
	a := r.do("POST", "/zones/"+zoneID(r.account, "example.com")+"/workers/routes", header, strings.NewReader(`{"pattern":"example.com/*","script":"known"}`))
	a.refused(400, 10022)
	r.do("POST", "/mayfly/accounts", header, strings.NewReader(`{"name":"x"}`)).refused(403, 10000)
}

// unknown gives the code for a script or namespace that does not exist.
func unknown(e endpoint) int {
	switch {
	case strings.Contains(e.pattern, "/{namespace}"):
		return 10013
	case e.method == "PUT" && e.pattern == inScript, e.open, strings.Contains(e.pattern, "assets-upload-session"),
		strings.Contains(e.pattern, "by-consumer"), strings.Contains(e.pattern, "edge-preview"), e.method == "DELETE" && strings.Contains(e.pattern, "/tails/"):
		return 0
	case strings.Contains(e.pattern, "/{script}"):
		return 10007
	}
	return 0
}

// goodBody is a body that the endpoint accepts for a script that exists.
func goodBody(pattern string) (contentType, body string) {
	switch {
	case strings.HasSuffix(pattern, "/versions"):
		return form(`{"main_module":"index.js"}`, [3]string{"index.js", "application/javascript+module", "export default {}"})
	case strings.HasSuffix(pattern, "/deployments"):
		return "", `{"strategy":"percentage","versions":[{"version_id":"x","percentage":100}]}`
	case strings.HasSuffix(pattern, "/secrets"):
		return "", `{"name":"K","text":"v","type":"secret_text"}`
	case strings.HasSuffix(pattern, "/secrets-bulk"):
		return "", `{"secrets":{"K":{"name":"K","text":"v"}}}`
	case strings.HasSuffix(pattern, "/subdomain"):
		return "", `{"enabled":true}`
	case strings.HasSuffix(pattern, "/routes"), strings.HasSuffix(pattern, "/changeset"), strings.HasSuffix(pattern, "/bulk"), strings.HasSuffix(pattern, "/bulk/delete"),
		strings.HasSuffix(pattern, "/schedules"):
		return "", `[]`
	}
	return "", `{}`
}

func TestUnknownNames(t *testing.T) {
	r := newRig(t)
	for _, e := range endpoints() {
		code := unknown(e)
		if code == 0 {
			continue
		}
		contentType, body := goodBody(e.pattern)
		r.unchanged(e.pattern, func() {
			header := http.Header{}
			if contentType != "" {
				header.Set("Content-Type", contentType)
			}
			r.do(e.verb(), r.fill(e.pattern, "default", false), header, strings.NewReader(body)).refused(404, code)
			long := strings.ReplaceAll(r.fill(e.pattern, "default", true), "known", strings.Repeat("n", 2000))
			if strings.Contains(e.pattern, "/{script}") {
				r.do(e.verb(), long, header, strings.NewReader(body)).refused(404, 7003)
			}
		})
	}
}

// TestBadBodies sends to every endpoint with a body those that it cannot accept.
func TestBadBodies(t *testing.T) {
	r := newRig(t)
	bodies := []string{``, `{`, `nonsense`, `{"a":1} trailing`, `"text"`, `5`, `true`, `[[[]]]`, `[5]`, `{"name":5,"title":5,"keys":5,"secrets":5,"env":5,"manifest":5,` +
		`"origins":5,"enabled":5,"versions":5,"filters":5,"logpush":5,"subdomain":5,"pattern":5,"bindings":5}`, "\xff\xfe"}
	for _, e := range endpoints() {
		if e.limit == 0 || e.open || strings.HasSuffix(e.pattern, "/values/{key}") {
			continue
		}
		for _, body := range bodies {
			path := r.fill(e.pattern, "default", true)
			r.unchanged(path+" "+body, func() {
				a := r.json(e.verb(), path, body)
				if a.status < 400 || a.status >= 500 || a.code() == 0 || a.Errors[0].Message == "" {
					t.Errorf("%s with %q: %d %s", a.what, body, a.status, a.body)
				}
			})
		}
	}
}

// TestOversizedBodies announces a body over each endpoint's limit: the answer comes
// before the body.
func TestOversizedBodies(t *testing.T) {
	r := newRig(t)
	for _, e := range endpoints() {
		if e.session() || e.open {
			continue
		}
		conn, err := r.dial()
		if err != nil {
			t.Fatal(err)
		}
		path := r.fill(e.pattern, "default", true)
		// What is prefetched has to be there for the server to look at the rest.
		filler := strings.Repeat(" ", prefetch+1)
		go fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: control\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", e.verb(), path, rootToken, max(e.limit, prefetch)+1, filler)
		res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: e.verb()})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if res.StatusCode != 413 {
			t.Errorf("%s %s: %d", e.verb(), path, res.StatusCode)
		}
		conn.Close()
	}
	// Without a length the limit holds as well.
	path := "/accounts/default/storage/kv/namespaces"
	r.do("POST", path, nil, struct{ *strings.Reader }{strings.NewReader(`{"title":"` + strings.Repeat("x", smallBody) + `"}`)}).refused(413, codeBadBody)
}

func TestUnsupportedProducts(t *testing.T) {
	r := newRig(t)
	for path, says := range map[string]string{
		"/accounts/default/queues?page=1":               "Queues are not supported by Mayfly",
		"/accounts/default/d1/database":                 "D1 databases are not supported by Mayfly",
		"/accounts/default/r2/buckets/b/objects/a/b":    "R2 buckets are not supported by Mayfly",
		"/accounts/default/workflows/w":                 "Workflows are not supported by Mayfly",
		"/accounts/default/workers/dispatch/namespaces": "Dispatch namespaces are not supported by Mayfly",
	} {
		a := r.get(path)
		a.refused(400, codeUnsupported)
		if a.Errors[0].Message != says {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}
