package control

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func esm(name, code string) [3]string { return [3]string{name, "application/javascript+module", code} }

func TestRefusedUploads(t *testing.T) {
	r := newRig(t)
	many := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`{"name":"N%d","type":"plain_text","text":"x"}`, i))
		}
		return `{"main_module":"index.js","bindings":[` + strings.Join(all, ",") + `]}`
	}
	for _, c := range []struct {
		name     string
		metadata string
		parts    [][3]string
		status   int
		code     int
		says     string
	}{
		{"no JSON", `{`, nil, 400, 10026, "metadata"},
		{"wrong type", `{"main_module":5}`, nil, 400, 10026, "main_module"},
		{"wrong bindings", `{"main_module":"index.js","bindings":{}}`, nil, 400, 10026, "bindings"},
		{"both formats", `{"main_module":"index.js","body_part":"index.js"}`, nil, 400, 10026, "both"},
		{"neither format", `{}`, nil, 400, 10021, "nothing to run"},
		{"main is missing", `{"main_module":"other.js"}`, nil, 400, 10021, `"other.js"`},
		{"main is text", `{"main_module":"a.txt"}`, [][3]string{{"a.txt", "text/plain", "x"}}, 400, 10021, "application/javascript+module"},
		{"unknown content type", `{"main_module":"index.js"}`, [][3]string{esm("index.js", ""), {"x.bin", "image/png", "x"}}, 400, 10021, `"x.bin"`},
		{"python", `{"main_module":"index.py"}`, [][3]string{{"index.py", "text/x-python", "x"}}, 400, 10021, "Python"},
		{"module twice", `{"main_module":"index.js"}`, [][3]string{esm("index.js", "1"), esm("index.js", "2")}, 400, 10021, "twice"},
		{"queue", `{"main_module":"index.js","bindings":[{"name":"Q","type":"queue","queue_name":"q"}]}`, nil, 400, 10056, `binding "Q" has type "queue"`},
		{"durable object", `{"main_module":"index.js","migrations":{"new_tag":"v1","steps":[{"new_classes":["A"]}]}}`, nil, 400, 10056, "Durable Objects"},
		{"binding twice", `{"main_module":"index.js","bindings":[{"name":"A","type":"plain_text","text":"1"},{"name":"A","type":"json","json":1}]}`, nil, 400, 10052, "twice"},
		{"inherit", `{"main_module":"index.js","bindings":[{"name":"NONE","type":"inherit"}]}`, nil, 400, 10057, "inherit binding 'NONE' is invalid"},
		{"namespace", `{"main_module":"index.js","bindings":[{"name":"K","type":"kv_namespace","namespace_id":"0"}]}`, nil, 400, 10041, `binding "K"`},
		{"service", `{"main_module":"index.js","bindings":[{"name":"X","type":"service","service":"none"}]}`, nil, 400, 10041, `"none"`},
		{"blob", `{"main_module":"index.js","bindings":[{"name":"B","type":"text_blob","part":"b"}]}`, nil, 400, 10052, `"b"`},
		{"too many", many(129), nil, 400, 10055, "128"},
		{"too large", `{"main_module":"index.js","bindings":[{"name":"A","type":"plain_text","text":"` + strings.Repeat("x", 6000) + `"}]}`, nil, 400, 10054, `"A"`},
		{"memory", `{"main_module":"index.js","limits":{"memory_mb":8}}`, nil, 400, 10021, "memory_mb"},
		{"host", `{"main_module":"index.js","host":"mine"}`, nil, 400, 10026, "host"},
		{"cpu", `{"main_module":"index.js","limits":{"cpu_ms":300001}}`, nil, 400, 10021, "cpu_ms"},
		{"date", `{"main_module":"index.js","compatibility_date":"yesterday"}`, nil, 400, 10021, "compatibility_date"},
		{"assets", `{"main_module":"index.js","assets":{"jwt":"x"}}`, nil, 404, 1003, "session"},
		{"assets binding", `{"main_module":"index.js","bindings":[{"name":"ASSETS","type":"assets"}]}`, nil, 400, 10052, "no assets"},
	} {
		for method, name := range map[string]string{"PUT": "fresh", "POST": "known"} {
			r.unchanged(c.name, func() {
				a := r.upload(method, name, c.metadata, c.parts...)
				a.refused(c.status, c.code)
				if !strings.Contains(a.body, strings.ReplaceAll(c.says, `"`, `\"`)) {
					t.Errorf("%s: %s does not say %s", c.name, a.body, c.says)
				}
			})
		}
	}
	r.unchanged("bad name", func() {
		r.upload("PUT", "UPPER", `{"main_module":"index.js"}`).refused(400, 10016)
		r.upload("PUT", "a%2Fb", `{"main_module":"index.js"}`).refused(400, 10016)
	})
	r.unchanged("no form", func() {
		r.json("PUT", "/accounts/default/workers/scripts/fresh", `{}`).refused(400, 10026)
		r.do("PUT", "/accounts/default/workers/scripts/fresh", http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}, strings.NewReader("--x\r\n")).refused(400, 10026)
	})
}

func TestFailedValidationChangesNothing(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		err    error
		status int
		code   int
	}{
		{script.Errorf(script.ParseFailed, "index.js:1:2: unexpected token"), 400, 10006},
		{script.Errorf(script.StartupFailed, "Uncaught Error: x\n  at index.js:3:9"), 400, 10021},
		{script.Errorf(script.NoHandlers, "no event handlers"), 400, 10068},
		{script.Errorf(script.UnsupportedHandler, "queue"), 400, 10069},
		{script.Errorf(script.CodeTooLarge, "too large"), 413, 10027},
		{errors.New("a secret of the server"), 500, codeInternal},
	} {
		r.validator.err = c.err
		for method, name := range map[string]string{"PUT": "fresh", "POST": "known"} {
			r.unchanged(c.err.Error(), func() {
				a := r.upload(method, name, `{"main_module":"index.js"}`)
				a.refused(c.status, c.code)
				if strings.Contains(a.body, "secret of the server") {
					t.Errorf("an internal error shows: %s", a.body)
				}
			})
		}
	}
}

func (r *rig) loadLatest(name string) (v *script.Version) {
	r.t.Helper()
	if err := r.c.Store.View(func(tx *script.Tx) error {
		s, err := tx.Script(r.account, name)
		if err != nil {
			return err
		}
		v, err = tx.LoadVersion(r.account, name, s.Latest)
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
	return v
}

func TestSecretsSurviveADeployThatDoesNotMentionThem(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		metadata string
		keeps    bool
	}{
		{`{"main_module":"index.js"}`, true},
		{`{"main_module":"index.js","keep_bindings":["secret_text","secret_key"]}`, true},
		{`{"main_module":"index.js","bindings":[{"name":"S","type":"inherit"}],"keep_bindings":[]}`, true},
		{`{"main_module":"index.js","keep_bindings":["secret_key"]}`, false},
	} {
		r.must(r.upload("PUT", "known", c.metadata))
		b := r.loadLatest("known").Binding("S")
		if (b != nil) != c.keeps || c.keeps && b.Secret.Reveal() != "s" {
			t.Errorf("%s: secret is %+v", c.metadata, b)
		}
	}
}

func TestModuleNames(t *testing.T) {
	r := newRig(t)
	names := []string{"./a1b2-add.wasm", "sub/helper.mjs", "ü/ö.txt", `qu"ote.txt`, "100%.txt"}
	types := []string{"application/wasm", "application/javascript+module", "text/plain", "text/plain", "application/octet-stream"}
	parts := [][3]string{esm("index.js", "export default {}")}
	for i, name := range names {
		parts = append(parts, [3]string{name, types[i], "content of " + name})
	}
	r.must(r.upload("PUT", "known", `{"main_module":"index.js"}`, parts...))
	v := r.loadLatest("known")
	for _, name := range names {
		if m := v.Module(name); m == nil || string(m.Content) != "content of "+name {
			t.Errorf("module %q is %v", name, m)
		}
	}
	// What content/v2 gives back can be uploaded again.
	a := r.get("/accounts/default/workers/scripts/known/content/v2?version=" + v.ID)
	got, err := parseForm(a.header.Get("Content-Type"), []byte(a.body))
	if err != nil || len(got) != len(parts) || a.header.Get("cf-entrypoint") != "index.js" {
		t.Fatalf("content is %v, %v, %v", a.header, got, err)
	}
	for i, p := range got {
		if p.name != parts[i][0] || p.contentType != parts[i][1] || string(p.content) != parts[i][2] {
			t.Errorf("part %d is %q %q %q", i, p.name, p.contentType, p.content)
		}
	}
}

func TestNoAnswerShowsASecret(t *testing.T) {
	r := newRig(t)
	const secret = "recognisable-secret-value"
	r.must(r.json("PUT", "/accounts/default/workers/scripts/known/secrets", `{"name":"K","text":"`+secret+`","type":"secret_text"}`))
	id := r.loadLatest("known").ID
	for _, e := range endpoints() {
		if e.method != "GET" || e.open {
			continue
		}
		path := strings.ReplaceAll(e.pattern, "{version}", id)
		if a := r.get(r.fill(path, "default", true)); strings.Contains(a.body, secret) || strings.Contains(a.body, "sealed") {
			t.Errorf("%s: %s", a.what, a.body)
		}
	}
	if got := r.loadLatest("known").Binding("K").Secret.Reveal(); got != secret {
		t.Errorf("the secret is %q", got)
	}
}

func TestSecretNeedsTheNewestVersionDeployed(t *testing.T) {
	r := newRig(t)
	r.must(r.upload("POST", "known", `{"main_module":"index.js"}`))
	r.unchanged("put", func() {
		r.json("PUT", "/accounts/default/workers/scripts/known/secrets", `{"name":"K","text":"v","type":"secret_text"}`).refused(400, 10215)
		r.do("DELETE", "/accounts/default/workers/scripts/known/secrets/S", nil, nil).refused(400, 10215)
	})
	r.must(r.json("PATCH", "/accounts/default/workers/workers/known/versions/latest", `{"env":{"K":{"type":"secret_text","text":"v"},"S":null}}`))
	if v := r.loadLatest("known"); v.Binding("S") != nil || v.Binding("K") == nil {
		t.Errorf("bindings are %v", v.Bindings)
	}
}

// TestUploadsAtOnce has many clients deploy the same script. Each succeeds or is told
// that somebody else was first; what is deployed is the newest version.
func TestUploadsAtOnce(t *testing.T) {
	r := newRig(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	succeeded := 0
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				a := r.upload("PUT", "known", `{"main_module":"index.js"}`, esm("index.js", fmt.Sprint(i, j)))
				if a.status != 200 && a.code() != codeConflict {
					t.Errorf("%d %s", a.status, a.body)
				}
				mu.Lock()
				if a.status == 200 {
					succeeded++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	v := r.loadLatest("known")
	if v.Number != succeeded+1 {
		t.Errorf("the newest version is number %d after %d uploads", v.Number, succeeded)
	}
	if err := r.c.Store.View(func(tx *script.Tx) error {
		d, err := tx.ActiveDeployment(r.account, "known")
		if !d.Has(v.ID) {
			t.Errorf("the newest version is not deployed")
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

func FuzzParseUpload(f *testing.F) {
	contentType, body := form(`{"main_module":"index.js","bindings":[{"name":"A","type":"plain_text","text":"x"}]}`, esm("index.js", "x"))
	f.Add(contentType, body)
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{}\r\n--x--")
	f.Add("multipart/form-data; boundary=x", "--x--")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		u, err := parseUpload("a", "s", contentType, []byte(body))
		if err != nil {
			if describe(err) == nil {
				t.Errorf("%q: not an error for the client: %v", body, err)
			}
			return
		}
		if u.version == nil {
			t.Error("no version")
		}
	})
}
