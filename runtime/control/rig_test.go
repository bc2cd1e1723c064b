package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

const rootToken = "the-root-token-of-the-test"

// A rig is a control plane on a listener in memory, with one script, "known", that has
// one deployed version, and one KV namespace.
type rig struct {
	t         *testing.T
	c         *Control
	db        *kv.DB
	dial      func() (net.Conn, error)
	client    *http.Client
	account   string
	namespace string
	validator *fakeValidator
	tails     *fakeTails
}

type fakeValidator struct {
	mu  sync.Mutex
	err error
	run func(*script.Version)
}

func (f *fakeValidator) Validate(_ context.Context, v *script.Version) (Validation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.run != nil {
		f.run(v)
	}
	return Validation{StartupTime: time.Millisecond, Handlers: []string{"fetch"}}, f.err
}

// fakeTails sends what comes down a channel until it is closed.
type fakeTails struct {
	items chan string
	query chan TailQuery
}

func (f *fakeTails) Check(filters json.RawMessage) error {
	if strings.Contains(string(filters), "nonsense") {
		return fmt.Errorf("unknown filter nonsense")
	}
	return nil
}

func (f *fakeTails) Watch(ctx context.Context, q TailQuery, send func([]byte) error) error {
	f.query <- q
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case item, ok := <-f.items:
			if !ok {
				return nil
			}
			if err := send([]byte(item)); err != nil {
				return err
			}
		}
	}
}

type fakeUsage struct{}

func (fakeUsage) Usage(_ context.Context, account string, q url.Values) (any, error) {
	if q.Has("nonsense") {
		return nil, script.Errorf(script.BadValue, "unknown parameter nonsense")
	}
	return map[string]any{"account": account}, nil
}

func (fakeUsage) Invoice(_ context.Context, account string, _ url.Values) (any, error) {
	return map[string]any{"account": account}, nil
}

type fakeStrikes struct{}

func (fakeStrikes) Release(context.Context, string, string) error { return nil }

func newRig(t *testing.T, mounts ...Mount) *rig {
	t.Helper()
	db, err := kv.Open(kv.Options{InMemory: true, Maintenance: -1, Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	key, err := script.NewKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	store, err := script.Open(db, key, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.SetRootToken(rootToken); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, db: db, validator: &fakeValidator{}, tails: &fakeTails{make(chan string), make(chan TailQuery, 10)}}
	r.c, err = New(Options{Store: store, KV: db, Validator: r.validator, Tails: r.tails, Usage: fakeUsage{}, Strikes: fakeStrikes{}, Mounts: mounts,
		Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)),
		Address: func(name string) string { return "http://" + name + ".example.net" },
		CheckCron: func(e string) error {
			if strings.Count(e, " ") != 4 {
				return fmt.Errorf("it needs five fields")
			}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	l := fasthttputil.NewInmemoryListener()
	served := make(chan error, 1)
	go func() { served <- r.c.Serve(l) }()
	r.dial = l.Dial
	r.client = &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return l.Dial() }}}
	t.Cleanup(func() {
		r.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.c.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		db.Close()
	})
	if err := store.View(func(tx *script.Tx) error {
		a, err := tx.Account(script.DefaultAccount)
		r.account = a.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r.must(r.upload("PUT", "known", `{"main_module":"index.js","bindings":[{"name":"S","type":"secret_text","text":"s"}]}`))
	r.namespace = r.must(r.json("POST", "/accounts/default/storage/kv/namespaces", `{"title":"known"}`)).object("id")
	return r
}

// An answer is what the control plane said.
type answer struct {
	t       *testing.T
	what    string
	status  int
	header  http.Header
	body    string
	Success bool
	Errors  []errorDetail
	Result  json.RawMessage
	Info    resultInfo `json:"result_info"`
}

func (a *answer) code() int {
	if len(a.Errors) == 0 {
		return 0
	}
	return a.Errors[0].Code
}

// object returns a string member of the result.
func (a *answer) object(name string) string {
	a.t.Helper()
	var members map[string]any
	if err := json.Unmarshal(a.Result, &members); err != nil {
		a.t.Fatalf("%s: %s", a.what, a.body)
	}
	s, _ := members[name].(string)
	return s
}

// refused checks that the answer is a failure in an envelope.
func (a *answer) refused(status, code int) {
	a.t.Helper()
	if a.status != status || a.code() != code || a.Success || a.Errors[0].Message == "" {
		a.t.Errorf("%s: %d %s, want %d with code %d", a.what, a.status, a.body, status, code)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		a.t.Errorf("%s: content type %q", a.what, got)
	}
}

func (r *rig) must(a *answer) *answer {
	r.t.Helper()
	if a.status/100 != 2 || !a.Success {
		r.t.Fatalf("%s: %d %s", a.what, a.status, a.body)
	}
	return a
}

// do sends a request to a path below /client/v4.
func (r *rig) do(method, path string, header http.Header, body io.Reader) *answer {
	r.t.Helper()
	if !strings.HasPrefix(path, "/client") && !strings.HasPrefix(path, "/tail/") && !strings.HasSuffix(path, "z") {
		path = inAPI + path
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, "http://control"+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+rootToken)
	maps.Copy(req.Header, header)
	res, err := r.client.Do(req)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	a := &answer{t: r.t, what: method + " " + path, status: res.StatusCode, header: res.Header, body: string(text)}
	_ = json.Unmarshal(text, a)
	return a
}

func (r *rig) json(method, path, body string) *answer {
	r.t.Helper()
	return r.do(method, path, nil, strings.NewReader(body))
}

func (r *rig) get(path string) *answer { r.t.Helper(); return r.do("GET", path, nil, nil) }

// form makes a form of metadata and parts given as name, content type and content.
func form(metadata string, parts ...[3]string) (contentType, body string) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, p := range append(parts, [3]string{"metadata", "", metadata}) {
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + escaped.Replace(p[0]) + `"`}}
		if p[1] != "" {
			h.Set("Content-Type", p[1])
		}
		part, _ := w.CreatePart(h)
		io.WriteString(part, p[2])
	}
	w.Close()
	return w.FormDataContentType(), buf.String()
}

// upload sends a version of a script with a module index.js.
func (r *rig) upload(method, name, metadata string, parts ...[3]string) *answer {
	r.t.Helper()
	if parts == nil {
		parts = [][3]string{{"index.js", "application/javascript+module", "export default {}"}}
	}
	contentType, body := form(metadata, parts...)
	path := "/accounts/default/workers/scripts/" + name
	if method == "POST" {
		path += "/versions"
	}
	return r.do(method, path+"?bindings_inherit=strict", http.Header{"Content-Type": {contentType}}, strings.NewReader(body))
}

// records is everything in the store, but for the KV entries.
func (r *rig) records() string {
	r.t.Helper()
	var all []string
	if err := r.db.View(func(tx *kv.Tx) error {
		for _, bucket := range []string{"account", "script", "version", "version.id", "code", "artifact", "deployment", "route", "domain", "schedule",
			"namespace", "namespace.title", "token", "token.id", "audit", "asset", "asset.session", "asset.manifest"} {
			if err := tx.Scan(bucket, "", "", func(key string, value []byte) error {
				all = append(all, bucket+" "+key+" "+string(value))
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// unchanged runs fn, which must not change the store.
func (r *rig) unchanged(what string, fn func()) {
	r.t.Helper()
	before := r.records()
	fn()
	if r.records() != before {
		r.t.Errorf("%s: the store was changed", what)
	}
}

// token makes a token with scopes for an account.
func (r *rig) token(account string, scopes ...script.Scope) string {
	r.t.Helper()
	var text string
	if err := r.c.Store.Update(script.Actor{Name: "test"}, func(tx *script.Tx) (err error) {
		text, err = tx.CreateToken(&script.Token{Name: "token", Account: account, Scopes: scopes})
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
	return text
}

func bearerHeader(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}}
}
