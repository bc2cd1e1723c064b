package client

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// answering returns a client of a server that gives every request to h.
func answering(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := New(s.URL+"/", "token", "default")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewRefuses(t *testing.T) {
	for _, control := range []string{"", "127.0.0.1:8788", "ftp://x", "http://", "http://%zz"} {
		if _, err := New(control, "t", "default"); err == nil {
			t.Errorf("%q is taken", control)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"refusal", 404, `{"success":false,"errors":[{"code":10007,"message":"no such Worker"}]}`, "no such Worker [code: 10007]"},
		{"stack", 400, `{"success":false,"errors":[{"code":10021,"message":"Uncaught Error: x\n at y"}]}`, "Uncaught Error: x [code: 10021]\n at y"},
		{"without a reason", 500, `{"success":false}`, "the control plane answers 500 Internal Server Error"},
		{"not a control plane", 200, "<html>\nhello", "does not answer as a control plane does: 200 <html>"},
		{"redirect", 302, "", "does not answer as a control plane does: 302"},
		{"wrong result", 200, `{"success":true,"result":3}`, "is not understood"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := answering(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "http://127.0.0.1:1/")
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
			if _, err := c.Tokens(context.Background()); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	c, err := New("http://127.0.0.1:1", "t", "default")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Verify(context.Background()); !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "tokens/verify") {
		t.Errorf("no server: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Verify(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) {
		t.Errorf("given up: %v", err)
	}
}

func TestKeyIsEscaped(t *testing.T) {
	const key = "a/b c?d#e%f/../ü"
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.EscapedPath(); got != "/client/v4/accounts/default/storage/kv/namespaces/id/values/a%2Fb%20c%3Fd%23e%25f%2F..%2F%C3%BC" {
			t.Errorf("asked for %s", got)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer token" {
			t.Errorf("authorization %q", got)
		}
		_, _ = io.WriteString(w, "value")
	})
	if got, err := c.Get(context.Background(), "id", key); err != nil || string(got) != "value" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestForm(t *testing.T) {
	u := &Upload{Format: script.ServiceWorker, Main: "a\"b.js", Modules: []script.Module{
		{Name: "a\"b.js", Type: script.ScriptFile, Content: []byte("code")},
		{Name: "./sub/text.txt", Type: script.TextFile, Content: []byte("text")},
	}}
	body, contentType, err := u.form()
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(strings.NewReader(string(body)), params["boundary"])
	want := [][3]string{
		{"metadata", "", `{"bindings":[],"body_part":"a\"b.js","compatibility_flags":[],"keep_bindings":[]}`},
		{"a%22b.js", "application/javascript", "code"},
		{"./sub/text.txt", "text/plain", "text"},
	}
	for _, w := range want {
		p, err := r.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		if p.FormName() != w[0] || p.Header.Get("Content-Type") != w[1] || string(text) != w[2] {
			t.Errorf("part %q of type %q: %s", p.FormName(), p.Header.Get("Content-Type"), text)
		}
	}
	if _, err := r.NextPart(); err != io.EOF {
		t.Errorf("there is more: %v", err)
	}
}
