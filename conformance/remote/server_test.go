package remote_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/conformance/remote"
)

func TestServer(t *testing.T) {
	var seen []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := r.Method + " " + r.URL.RequestURI()
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			form, err := r.MultipartReader()
			if err != nil {
				t.Error(err)
				return
			}
			for {
				p, err := form.NextPart()
				if err == io.EOF {
					break
				} else if err != nil {
					t.Error(err)
					return
				}
				content, _ := io.ReadAll(p)
				line += fmt.Sprintf("\n  %s %s %s", p.FormName(), p.Header.Get("Content-Type"), content)
			}
		} else {
			body, _ := io.ReadAll(r.Body)
			line += " " + string(body)
		}
		seen = append(seen, line)
		switch {
		case r.Header.Get("Authorization") != "Bearer secret":
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}`)
		case strings.HasSuffix(r.URL.Path, "/plain"):
			io.WriteString(w, "not an envelope")
		default:
			io.WriteString(w, `{"success":true,"result":{"id":"n1"}}`)
		}
	}))
	defer api.Close()
	ctx := context.Background()
	s := remote.Server{API: api.URL + "/client/v4/", Token: "secret"}

	id, err := s.CreateNamespace(ctx, "T")
	if err != nil || id != "n1" {
		t.Fatalf("CreateNamespace: %q, %v", id, err)
	}
	if err := s.Put(ctx, id, "a/b", []byte("v")); err != nil {
		t.Fatal(err)
	}
	if err := s.Deploy(ctx, remote.Worker{Name: "w", Code: "code", KV: map[string]string{"KV": id}, CPU: 7}); err != nil {
		t.Fatal(err)
	}
	if err := s.Deploy(ctx, remote.Worker{Name: "sw", Code: "code", Classic: true, Vars: map[string]string{"V": "1"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	want := `POST /client/v4/accounts/default/storage/kv/namespaces {"title":"T"}
PUT /client/v4/accounts/default/storage/kv/namespaces/n1/values/a%2Fb v
PUT /client/v4/accounts/default/workers/scripts/w?excludeScript=true
  metadata  {"bindings":[{"name":"KV","namespace_id":"n1","type":"kv_namespace"}],"compatibility_date":"2026-01-01","compatibility_flags":[],"limits":{"cpu_ms":7},"main_module":"index.js"}
  index.js application/javascript+module code
POST /client/v4/accounts/default/workers/scripts/w/subdomain {"enabled":true}
PUT /client/v4/accounts/default/workers/scripts/sw?excludeScript=true
  metadata  {"bindings":[{"name":"V","text":"1","type":"plain_text"}],"body_part":"index.js","compatibility_date":"2026-01-01","compatibility_flags":[]}
  index.js application/javascript code
POST /client/v4/accounts/default/workers/scripts/sw/subdomain {"enabled":true}
DELETE /client/v4/accounts/default/workers/scripts/w?force=true `
	if got := strings.Join(seen, "\n"); got != want {
		t.Errorf("requests\n%s\nwant\n%s", got, want)
	}

	if err := s.Delete(ctx, "plain"); err == nil || !strings.Contains(err.Error(), "no JSON") {
		t.Errorf("answer that is no envelope: %v", err)
	}
	s.Token = "wrong"
	if err := s.Delete(ctx, "w"); err == nil || !strings.Contains(err.Error(), "status 403: [{10000 Authentication error}]") {
		t.Errorf("refused: %v", err)
	}
}

// TestAssets uploads a worker with a module beside it and an asset, and expects the token
// that the assets were accepted with in its metadata.
func TestAssets(t *testing.T) {
	const hash = "9a7495cec62f15bc18715fc360b10f8a" // of path and content
	var seen []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		seen = append(seen, fmt.Sprintf("%s %s %s\n%s", r.Method, r.URL.Path, r.Header.Get("Authorization"), body))
		switch {
		case strings.HasSuffix(r.URL.Path, "/assets-upload-session"):
			fmt.Fprintf(w, `{"success":true,"result":{"jwt":"session","buckets":[[%q]]}}`, hash)
		case strings.HasSuffix(r.URL.Path, "/assets/upload"):
			io.WriteString(w, `{"success":true,"result":{"jwt":"complete"}}`)
		default:
			io.WriteString(w, `{"success":true,"result":{}}`)
		}
	}))
	defer api.Close()
	s := remote.Server{API: api.URL, Token: "secret"}
	err := s.Deploy(context.Background(), remote.Worker{Name: "w", Code: "code",
		Modules: []remote.Module{{Name: "k.wasm", Type: "application/wasm", Content: []byte("wasm")}},
		Assets:  []remote.Asset{{Path: "/a.css", Type: "text/css", Content: []byte("A")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{
		{"POST /accounts/default/workers/scripts/w/assets-upload-session Bearer secret", `{"manifest":{"/a.css":{"hash":"` + hash + `","size":1}}}`},
		{"POST /accounts/default/workers/assets/upload Bearer session", `name="` + hash + `"`, "Content-Type: text/css\r\n\r\nQQ==\r\n"},
		{"PUT /accounts/default/workers/scripts/w Bearer secret", `"assets":{"jwt":"complete"}`, "application/javascript+module\r\n\r\ncode", "application/wasm\r\n\r\nwasm"},
	} {
		for _, part := range want {
			if i >= len(seen) || !strings.Contains(seen[i], part) {
				t.Errorf("request %d has no %q: %q", i+1, part, seen)
			}
		}
	}
}
