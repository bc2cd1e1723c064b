package runtime_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/cron"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// TestMountsRefuse sends what they cannot accept to the control plane's endpoints that
// are parts of the runtime. Those of package control are tested there.
func TestMountsRefuse(t *testing.T) {
	s := start(t, runtime.ServerConfig{Control: "127.0.0.1:0", Config: runtime.Config{RootToken: testToken}})
	upload(t, s, "known", `export default { fetch() { return new Response("x") } }`)
	tokens := map[string]string{}
	var other string
	err := s.Store().Update(script.Actor{}, func(tx *script.Tx) error {
		b, err := tx.CreateAccount("Other")
		if err != nil {
			return err
		}
		other = b.ID
		for _, scope := range script.Scopes {
			if tokens[string(scope)], err = tx.CreateToken(&script.Token{Name: "t", Account: account(t, s), Scopes: []script.Scope{scope}}); err != nil {
				return err
			}
		}
		tokens["other"], err = tx.CreateToken(&script.Token{Name: "t", Account: b.ID, Scopes: []script.Scope{script.ScopeAdmin}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const scripts = "/client/v4/accounts/ACCOUNT/mayfly/scripts/"
	mounts := []struct {
		method, path string
		scope        script.Scope // "" for a token of all accounts
		query        string       // that is refused, if any
	}{
		{"GET", "/metrics", "", ""},
		{"GET", "/client/v4/mayfly/backup", "", "since=yesterday"},
		{"GET", "/client/v4/mayfly/backup", "", "since=-1"},
		{"GET", "/client/v4/mayfly/backup", "", "since=99999999999999999999"},
		{"POST", "/client/v4/mayfly/compact", "", ""},
		{"GET", scripts + "known/logs", script.ScopeTail, "limit=0"},
		{"GET", scripts + "known/logs", script.ScopeTail, "since=yesterday"},
		{"GET", scripts + "known/logs", script.ScopeTail, "form=x"},
		{"GET", scripts + "known/runs", script.ScopeRead, "limit=5"},
	}
	refused := func(what, method, path, body, token string, status, code int) {
		t.Helper()
		res, text := call(t, s, method, path, body, "Authorization", token)
		var answer struct {
			Success bool
			Errors  []struct {
				Code    int
				Message string
			}
		}
		if err := json.Unmarshal([]byte(text), &answer); err != nil || res.StatusCode != status || answer.Success || len(answer.Errors) != 1 ||
			answer.Errors[0].Code != code || answer.Errors[0].Message == "" {
			t.Errorf("%s: %s %s: %d %s, want %d with code %d", what, method, path, res.StatusCode, text, status, code)
		}
	}
	bearer := func(name string) string { return "Bearer " + tokens[name] }
	for _, m := range mounts {
		path := strings.ReplaceAll(m.path, "ACCOUNT", "default")
		refused("no token", m.method, path, "", "", 401, 10000)
		refused("wrong token", m.method, path, "", "Bearer wrong", 401, 10000)
		for _, scope := range script.Scopes {
			allowed := (&script.Token{Account: "a", Scopes: []script.Scope{scope}}).Allows("a", m.scope)
			if m.scope == "" || !allowed {
				refused("scope "+string(scope), m.method, path, "", bearer(string(scope)), 403, 10000)
			} else if res, text := call(t, s, m.method, path, "", "Authorization", bearer(string(scope))); res.StatusCode != 200 {
				t.Errorf("scope %s: %s: %d %s", scope, path, res.StatusCode, text)
			}
		}
		mine := strings.ReplaceAll(m.path, "ACCOUNT", account(t, s))
		refused("another account's token", m.method, mine, "", bearer("other"), 403, 10000)
		if m.query != "" {
			refused("query", m.method, path+"?"+m.query, "", "Bearer "+testToken, 400, 10021)
		}
		if m.scope != "" {
			refused("unknown worker", m.method, strings.ReplaceAll(path, "known", "unknown"), "", "Bearer "+testToken, 404, 10007)
			refused("worker of another account", m.method, strings.ReplaceAll(m.path, "ACCOUNT", other), "", bearer("other"), 404, 10007)
		}
	}
}

// TestMissedCronRuns starts a server again after it was down for days: each trigger that
// was due runs once, and its run is listed.
func TestMissedCronRuns(t *testing.T) {
	dir := t.TempDir()
	begin := time.Now()
	at := func(now time.Time) runtime.ServerConfig {
		started := time.Now()
		return runtime.ServerConfig{Control: "127.0.0.1:0", Config: runtime.Config{Data: dir, RootToken: testToken,
			Now: func() time.Time { return now.Add(time.Since(started)) }}}
	}
	s, err := runtime.NewServer(at(begin))
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	upload(t, s, "daily", `export default { scheduled(c) { console.log(c.cron); if (c.cron.startsWith("1")) throw new RangeError("no") } }`)
	if res, text := call(t, s, "PUT", "/client/v4/accounts/default/workers/scripts/daily/schedules", `[{"cron":"0 0 * * *"},{"cron":"1 0 * * *"}]`); res.StatusCode != 200 {
		t.Fatalf("%d %s", res.StatusCode, text)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	s = start(t, at(begin.Add(5*24*time.Hour)))
	var runs []cron.Run
	eventually(t, "both have run", func() bool {
		res, text := call(t, s, "GET", "/client/v4/accounts/default/mayfly/scripts/daily/runs", "")
		var answer struct{ Result []cron.Run }
		if err := json.Unmarshal([]byte(text), &answer); err != nil || res.StatusCode != 200 {
			t.Fatalf("%d %s", res.StatusCode, text)
		}
		runs = answer.Result
		return len(runs) >= 2
	})
	if len(runs) != 2 {
		t.Fatalf("runs %+v", runs)
	}
	for _, r := range runs {
		outcome, problem := "ok", ""
		if strings.HasPrefix(r.Cron, "1") {
			outcome, problem = "exception", "RangeError: no"
		}
		if string(r.Outcome) != outcome || r.Error != problem || r.CPU <= 0 || r.Script != "daily" || r.Started.Sub(r.Scheduled) > 48*time.Hour || r.Scheduled.Before(begin) {
			t.Errorf("run %+v", r)
		}
	}
}
