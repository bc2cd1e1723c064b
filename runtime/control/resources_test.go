package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func TestHealth(t *testing.T) {
	r := newRig(t)
	header := http.Header{"Authorization": {""}}
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := r.do("GET", path, header, nil); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	r.c.Containment = func() []string { return []string{"processes: active", "sandbox: not active: why"} }
	if a := r.do("GET", "/readyz", header, nil); a.status != 200 || a.body != "ready\nprocesses: active\nsandbox: not active: why\n" {
		t.Errorf("%d %s", a.status, a.body)
	}
	r.c.Ready = func(context.Context) error { return errors.New("the store is opening") }
	if a := r.do("GET", "/readyz", header, nil); a.status != 503 || a.body != "not ready: the store is opening\n" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestMounts(t *testing.T) {
	show := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { fmt.Fprint(w, "mounted ", req.URL.Path) })
	r := newRig(t, Mount{Method: "GET", Pattern: "/client/metrics", Scope: script.ScopeRead, Handler: show}, Mount{Method: "GET", Pattern: "/client/open/{x}", Handler: show},
		Mount{Method: "GET", Pattern: inAccount + "/asked/{x}", Scope: script.ScopeRead, Answer: func(_ context.Context, q Question) (any, error) {
			if q.Param("x") == "nothing" {
				return nil, script.Errorf(script.UnknownScript, "no %s", q.Param("x"))
			}
			return List{Items: []string{q.Account, q.Param("x"), q.Query.Get("y")}, Count: 3, Cursor: "c"}, nil
		}})
	r.do("GET", "/client/metrics", http.Header{"Authorization": {""}}, nil).refused(401, 10000)
	r.do("GET", "/client/metrics", bearerHeader(r.token(r.account, script.ScopeAdmin)), nil).refused(403, 10000)
	if a := r.get("/client/metrics"); a.body != "mounted /client/metrics" {
		t.Errorf("%d %s", a.status, a.body)
	}
	r.get("/accounts/default/asked/nothing").refused(404, 10007)
	if a := r.get("/accounts/default/asked/it?y=w"); string(a.Result) != `["`+r.account+`","it","w"]` || a.Info.Count != 3 || *a.Info.Cursor != "c" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.do("GET", "/client/open/y", http.Header{"Authorization": {""}}, nil); a.body != "mounted /client/open/y" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestKVKeys(t *testing.T) {
	r := newRig(t)
	base := "/accounts/default/storage/kv/namespaces/" + r.namespace
	for encoded, key := range map[string]string{
		"a%20key%2Fwith%20%C3%BC%3F%26%23": "a key/with ü?&#", "%2F%2F": "//", "a%2F..%2Fb": "a/../b", "%252F": "%2F", "plain": "plain",
	} {
		r.must(r.do("PUT", base+"/values/"+encoded, http.Header{"Content-Type": {"text/plain;charset=UTF-8"}}, strings.NewReader("value of "+key)))
		if a := r.get(base + "/values/" + encoded); a.body != "value of "+key || a.header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%q: %d %s", key, a.status, a.body)
		}
		a := r.must(r.json("POST", base+"/bulk/get", `{"keys":[`+string(must(json.Marshal(key)))+`]}`))
		if !strings.Contains(string(a.Result), `"value of `) {
			t.Errorf("%q is stored under another name: %s", key, a.body)
		}
	}
	for _, c := range []struct {
		method, path, body string
		status, code       int
	}{
		{"GET", "/values/none", "", 404, 10009},
		{"GET", "/metadata/none", "", 404, 10009},
		{"PUT", "/values/" + strings.Repeat("k", 513), "v", 414, 10030},
		{"GET", "/values/" + strings.Repeat("k", 513), "", 414, 10030},
		{"PUT", "/values/%2E%2E", "v", 400, 10029},
		{"PUT", "/values/k?expiration_ttl=5", "v", 400, 10029},
		{"PUT", "/values/k?expiration_ttl=x", "v", 400, 10026},
		{"PUT", "/values/k?expiration=-1", "v", 400, 10026},
		{"PUT", "/values/k", strings.Repeat("v", 25<<20+1), 413, 10025},
		{"PUT", "/bulk", `[{"key":"k","value":"%","base64":true}]`, 400, 10026},
		{"PUT", "/bulk", `[{"key":"good","value":"v"},{"key":"","value":"v"}]`, 400, 10029},
		{"POST", "/bulk/get", `{"keys":[]}`, 400, 10029},
		{"GET", "/keys?limit=1001", "", 400, 10026},
		{"GET", "/keys?cursor=nonsense", "", 400, 10029},
	} {
		r.json(c.method, base+c.path, c.body).refused(c.status, c.code)
	}
	if a := r.get(base + "/values/good"); a.status != 404 {
		t.Error("a refused bulk write wrote something")
	}
	// A form carries metadata beside the value.
	contentType, body := form(`{"m":1}`, [3]string{"value", "application/octet-stream", "\x00\xff"})
	r.must(r.do("PUT", base+"/values/form", http.Header{"Content-Type": {contentType}}, strings.NewReader(body)))
	if a := r.get(base + "/values/form"); a.body != "\x00\xff" {
		t.Errorf("the value is %q", a.body)
	}
	if a := r.must(r.get(base + "/metadata/form")); string(a.Result) != `{"m":1}` {
		t.Errorf("the metadata is %s", a.body)
	}
	contentType, body = form(`{"m":`, [3]string{"value", "", "v"})
	r.do("PUT", base+"/values/form", http.Header{"Content-Type": {contentType}}, strings.NewReader(body)).refused(400, 10026)
	a := r.must(r.get(base + "/keys?prefix=a&limit=1"))
	if a.Info.Cursor == nil || *a.Info.Cursor == "" || a.Info.Count != 1 {
		t.Errorf("the first page is %s", a.body)
	}
	a = r.must(r.get(base + "/keys?prefix=a&limit=1&cursor=" + *a.Info.Cursor))
	if a.Info.Count != 1 || *a.Info.Cursor != "" {
		t.Errorf("the second page is %s", a.body)
	}
	r.must(r.do("DELETE", base, nil, nil))
	r.get(base+"/values/form").refused(404, 10013)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestNamespacePages(t *testing.T) {
	r := newRig(t)
	path := "/accounts/default/storage/kv/namespaces"
	r.json("POST", path, `{"title":"known"}`).refused(400, 10014)
	if a := r.must(r.get(path + "?per_page=1000&page=2")); string(a.Result) != "[]" {
		t.Errorf("page 2 of one namespace is %s", a.body)
	}
	r.get(path+"?page=0").refused(400, 10026)
	r.get(path+"?per_page=x").refused(400, 10026)
}

func TestRoutesAndDomains(t *testing.T) {
	r := newRig(t)
	in := "/accounts/default/workers/scripts/known"
	r.must(r.json("PUT", in+"/routes", `[{"pattern":"example.com/*"},{"pattern":"*.example.org/a","zone_name":"example.org"}]`))
	r.unchanged("bad route", func() {
		r.json("PUT", in+"/routes", `[{"pattern":"good.example/*"},{"pattern":"exa*mple.com/"}]`).refused(400, 10022)
		r.json("PUT", in+"/routes", `[{"pattern":""}]`).refused(400, 10022)
		r.json("PUT", in+"/domains/records", `{"origins":[{"hostname":"*.example.com"}]}`).refused(400, 10022)
		r.json("PUT", in+"/domains/records", `{"origins":[{"hostname":"example.com/path"}]}`).refused(400, 10022)
		r.json("POST", in+"/domains/changeset", `[{"hostname":"no host"}]`).refused(400, 10022)
	})
	zones := r.must(r.get("/zones?name=example.com&account.id=" + r.account))
	var found []struct{ ID, Name string }
	if err := json.Unmarshal(zones.Result, &found); err != nil || len(found) != 1 || found[0].Name != "example.com" {
		t.Fatalf("zones are %s", zones.body)
	}
	list := "/zones/" + found[0].ID + "/workers/routes"
	if a := r.must(r.get(list)); !strings.Contains(a.body, `"example.com/*"`) || strings.Contains(a.body, "example.org") {
		t.Errorf("routes of the zone are %s", a.body)
	}
	added := r.must(r.json("POST", list, `{"pattern":"sub.example.com/none"}`))
	r.json("POST", list, `{"pattern":"example.net/*"}`).refused(400, 10022)
	r.json("POST", list, `{"pattern":"example.com/x","script":"unknown"}`).refused(404, 10007)
	r.json("POST", list, `{"pattern":"example.com/*","script":""}`).refused(409, 10020)
	r.must(r.do("DELETE", list+"/"+added.object("id"), nil, nil))
	r.do("DELETE", list+"/"+added.object("id"), nil, nil).refused(404, 10009)

	r.must(r.upload("PUT", "second", `{"main_module":"index.js"}`))
	r.must(r.json("PUT", in+"/domains/records", `{"origins":[{"hostname":"www.example.com"}]}`))
	second := "/accounts/default/workers/scripts/second/domains/"
	plan := r.must(r.json("POST", second+"changeset?replace_state=true", `[{"hostname":"www.example.com"},{"hostname":"new.example.com"}]`))
	if !strings.Contains(plan.body, `"modified":true`) || strings.Count(plan.body, "new.example.com") == 0 {
		t.Errorf("the plan is %s", plan.body)
	}
	r.json("PUT", second+"records", `{"origins":[{"hostname":"www.example.com"}]}`).refused(409, 10020)
	r.must(r.json("PUT", second+"records", `{"override_existing_origin":true,"origins":[{"hostname":"www.example.com"}]}`))
	if a := r.must(r.get("/accounts/default/workers/domains/records?service=known")); string(a.Result) != "[]" {
		t.Errorf("the domain did not move: %s", a.body)
	}
}

func TestSchedules(t *testing.T) {
	r := newRig(t)
	path := "/accounts/default/workers/scripts/known/schedules"
	r.must(r.json("PUT", path, `[{"cron":"*/5 * * * *"}]`))
	r.unchanged("bad cron", func() {
		a := r.json("PUT", path, `[{"cron":"0 0 * * *"},{"cron":"often"}]`)
		a.refused(400, 10021)
		if !strings.Contains(a.body, "often") {
			t.Errorf("%s does not name the expression", a.body)
		}
	})
	if a := r.must(r.get(path)); !strings.Contains(a.body, `"*/5 * * * *"`) {
		t.Errorf("schedules are %s", a.body)
	}
}

func TestRollbackNamesChangedSecrets(t *testing.T) {
	r := newRig(t)
	path := "/accounts/default/workers/scripts/known"
	first := r.loadLatest("known").ID
	r.must(r.upload("PUT", "known", `{"main_module":"index.js"}`))
	deploy := fmt.Sprintf(`{"strategy":"percentage","versions":[{"version_id":%q,"percentage":100}]}`, first)
	r.must(r.json("POST", path+"/deployments", deploy))
	r.must(r.upload("PUT", "known", `{"main_module":"index.js"}`))
	r.must(r.json("PUT", path+"/secrets", `{"name":"S","text":"changed"}`))
	r.unchanged("rollback", func() {
		a := r.json("POST", path+"/deployments", deploy)
		a.refused(400, 10220)
		if !strings.HasSuffix(a.Errors[0].Message, "The following secrets have changed: S") {
			t.Errorf("%s", a.body)
		}
	})
	r.must(r.json("POST", path+"/deployments?force=true", deploy))
	if a := r.must(r.get(path + "/deployments")); !strings.Contains(a.body, `"workers/triggered_by":"rollback"`) {
		t.Errorf("deployments are %s", a.body)
	}
	r.json("POST", path+"/deployments", `{"versions":[{"version_id":"`+first+`","percentage":50}]}`).refused(400, 10212)
}

func TestAssetUpload(t *testing.T) {
	r := newRig(t)
	hashes := []string{strings.Repeat("ab", 16), strings.Repeat("cd", 16)}
	manifest := fmt.Sprintf(`{"manifest":{"/a.html":{"hash":%q,"size":5},"/b":{"hash":%q,"size":0}}}`, hashes[0], hashes[1])
	open := "/accounts/default/workers/scripts/site/assets-upload-session"
	for _, bad := range []string{`{"manifest":{"a":{"hash":"` + hashes[0] + `","size":1}}}`, `{"manifest":{"/a":{"hash":"x","size":1}}}`,
		`{"manifest":{"/a":{"hash":"` + hashes[0] + `","size":-1}}}`, `{"manifest":{"/a":{"hash":"` + hashes[0] + `","size":99999999}}}`} {
		r.unchanged(bad, func() { r.json("POST", open, bad).refused(400, 10021) })
	}
	session := r.must(r.json("POST", open, manifest))
	jwt := session.object("jwt")
	send := func(token string, parts ...[3]string) *answer {
		contentType, body := form("", parts...)
		body = strings.Replace(body, `name="metadata"`, `name="`+hashes[1]+`"`, 1)
		header := bearerHeader(token)
		header.Set("Content-Type", contentType)
		return r.do("POST", "/accounts/default/workers/assets/upload?base64=true", header, strings.NewReader(body))
	}
	send(rootToken).refused(401, 10000)
	send(jwt, [3]string{hashes[0], "text/html", "!!!"}).refused(400, 10026)
	send(jwt, [3]string{hashes[0], "text/html", "aGVsbG8gd29ybGQ="}).refused(400, 10021)
	send(jwt, [3]string{strings.Repeat("ef", 16), "text/html", ""}).refused(404, 10012)
	r.upload("PUT", "site", `{"assets":{"jwt":"`+jwt+`"}}`, [][3]string{}...).refused(400, 10304)
	if a := r.must(send(jwt)); a.status != 202 || a.object("jwt") != "" {
		t.Errorf("an incomplete upload answers %d %s", a.status, a.body)
	}
	if a := r.must(send(jwt, [3]string{hashes[0], "text/html; charset=utf-8", "aGVsbG8="})); a.status != 201 || a.object("jwt") == "" {
		t.Errorf("a complete upload answers %d %s", a.status, a.body)
	}
	contentType, body := form(`{"assets":{"jwt":"` + jwt + `","config":{"html_handling":"none"}},"compatibility_date":"2025-09-01"}`)
	r.must(r.do("PUT", "/accounts/default/workers/scripts/site", http.Header{"Content-Type": {contentType}}, strings.NewReader(body)))
	if v := r.loadLatest("site"); v.Format != script.AssetsOnly || v.Assets == nil || string(v.Assets.Config) != `{"html_handling":"none"}` {
		t.Errorf("version is %+v", v)
	}
	again := r.must(r.json("POST", open, manifest))
	if !strings.Contains(again.body, `"buckets":[]`) {
		t.Errorf("known assets are asked for again: %s", again.body)
	}
}

// TestManySmallAssets uploads more than fits into one transaction of the store.
func TestManySmallAssets(t *testing.T) {
	r := newRig(t)
	const files = 3000
	content := strings.Repeat("QUFB", 1000)
	var manifest []string
	var parts [][3]string
	for i := range files {
		hash := fmt.Sprintf("%032x", i)
		manifest = append(manifest, fmt.Sprintf(`"/%d.txt":{"hash":%q,"size":3000}`, i, hash))
		parts = append(parts, [3]string{hash, "text/plain", content})
	}
	session := r.must(r.json("POST", "/accounts/default/workers/scripts/site/assets-upload-session", `{"manifest":{`+strings.Join(manifest, ",")+`}}`))
	contentType, body := form("", parts[1:]...)
	body = strings.Replace(body, `name="metadata"`, `name="`+parts[0][0]+`"`, 1)
	header := bearerHeader(session.object("jwt"))
	header.Set("Content-Type", contentType)
	// The first file is empty, against its manifest: it comes last and the others stay.
	r.do("POST", "/accounts/default/workers/assets/upload?base64=true", header, strings.NewReader(body)).refused(400, 10021)
	again := r.must(r.json("POST", "/accounts/default/workers/scripts/site/assets-upload-session", `{"manifest":{`+strings.Join(manifest, ",")+`}}`))
	var left struct{ Buckets [][]string }
	if err := json.Unmarshal(again.Result, &left); err != nil || len(left.Buckets) != 1 || len(left.Buckets[0]) > len(manifest)/2 {
		t.Errorf("after the upload %d batches are left: %.300s", len(left.Buckets), again.body)
	}
}

func TestTokensAndAudit(t *testing.T) {
	r := newRig(t)
	path := "/accounts/default/mayfly/tokens"
	made := r.must(r.json("POST", path, `{"name":"ci","scopes":["deploy"]}`))
	text := made.object("value")
	header := bearerHeader(text)
	r.must(r.do("GET", "/accounts/default/workers/scripts", header, nil))
	r.do("GET", path, header, nil).refused(403, 10000)
	if a := r.must(r.get(path)); strings.Contains(a.body, text) || !strings.Contains(a.body, `"ci"`) {
		t.Errorf("tokens are %s", a.body)
	}
	r.unchanged("bad token", func() {
		r.json("POST", path, `{"name":"ci","scopes":["everything"]}`).refused(400, 10021)
		r.json("POST", path, `{"name":"","scopes":["read"]}`).refused(400, 10016)
		r.json("POST", path, `{"name":"old","scopes":["read"],"expires_on":"2001-01-01T00:00:00Z"}`).refused(400, 10021)
		r.do("DELETE", path+"/none", nil, nil).refused(404, 1003)
		r.do("DELETE", path+"/root", nil, nil).refused(404, 1003)
	})
	r.must(r.do("DELETE", path+"/"+made.object("id"), nil, nil))
	r.do("GET", "/accounts/default/workers/scripts", header, nil).refused(401, 10000)
	audit := r.must(r.get("/accounts/default/mayfly/audit?limit=2"))
	if !strings.Contains(audit.body, "token.revoke") || strings.Contains(audit.body, text) || audit.Info.Count != 2 {
		t.Errorf("the audit log is %s", audit.body)
	}
	if a := r.must(r.get("/accounts/default/mayfly/usage")); a.object("account") != r.account {
		t.Errorf("usage is %s", a.body)
	}
	r.get("/accounts/default/mayfly/usage?nonsense=1").refused(400, 10021)
}

func TestDeleteNeedsForceWhileBound(t *testing.T) {
	r := newRig(t)
	r.must(r.upload("PUT", "caller", `{"main_module":"index.js","bindings":[{"name":"K","type":"service","service":"known"}]}`))
	if a := r.must(r.get("/accounts/default/workers/scripts/known/references")); !strings.Contains(a.body, `"service":"caller"`) {
		t.Errorf("references are %s", a.body)
	}
	r.unchanged("delete", func() {
		r.do("DELETE", "/accounts/default/workers/services/known?force=false", nil, nil).refused(409, 10064)
	})
	r.must(r.do("DELETE", "/accounts/default/workers/services/known?force=true", nil, nil))
	r.get("/accounts/default/workers/services/known").refused(404, 10007)
}
