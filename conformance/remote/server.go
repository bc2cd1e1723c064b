package remote

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// A Server is a control plane.
type Server struct {
	// API is its base, such as http://127.0.0.1:8788/client/v4.
	API     string
	Account string // "" means default
	Token   string
	Client  *http.Client // nil means http.DefaultClient
}

// A Worker is what is uploaded. Code is an ES module, or a service-worker script if
// Classic is set.
type Worker struct {
	Name    string
	Code    string
	Classic bool
	// Modules are those beside Code that it imports.
	Modules []Module
	// Assets are static files. Without Code they are all there is.
	Assets []Asset
	// KV maps names in env to namespace ids.
	KV map[string]string
	// Vars are text in env.
	Vars map[string]string
	// Bindings are more of them, as the metadata of an upload has them.
	Bindings []map[string]any
	// CPU is the limit of a request in milliseconds; 0 is the server's default.
	CPU int
	// Flags are compatibility flags.
	Flags []string
}

// A Module is a part of an upload; Type is its content type, such as application/wasm.
type Module struct {
	Name, Type string
	Content    []byte
}

// An Asset is a static file; Path begins with a slash.
type Asset struct {
	Path, Type string
	Content    []byte
}

// compatibilityDate is that of every upload.
const compatibilityDate = "2026-01-01"

// Deploy uploads w and lets it answer at the host of its name.
func (s *Server) Deploy(ctx context.Context, w Worker) error {
	path := "/workers/scripts/" + url.PathEscape(w.Name)
	assets, err := s.uploadAssets(ctx, w)
	if err != nil {
		return err
	}
	contentType, body, err := w.form(assets)
	if err != nil {
		return err
	}
	if err := s.Call(ctx, http.MethodPut, path+"?excludeScript=true", contentType, body, nil); err != nil {
		return err
	}
	return s.Call(ctx, http.MethodPost, path+"/subdomain", "application/json", []byte(`{"enabled":true}`), nil)
}

// AddVersion uploads w, of which a version is there already, as one more that gets no
// requests yet, and returns its id.
func (s *Server) AddVersion(ctx context.Context, w Worker) (id string, err error) {
	assets, err := s.uploadAssets(ctx, w)
	if err != nil {
		return "", err
	}
	contentType, body, err := w.form(assets)
	if err != nil {
		return "", err
	}
	var version struct{ ID string }
	err = s.Call(ctx, http.MethodPost, "/workers/scripts/"+url.PathEscape(w.Name)+"/versions", contentType, body, &version)
	return version.ID, err
}

// form is the body of an upload and its type; assets is the token that names its assets.
func (w *Worker) form(assets string) (contentType string, content []byte, err error) {
	const file = "index.js"
	metadata := map[string]any{"compatibility_date": compatibilityDate, "compatibility_flags": w.Flags}
	parts := w.Modules
	if w.Code != "" {
		main := Module{file, "application/javascript+module", []byte(w.Code)}
		if w.Classic {
			main.Type = "application/javascript"
			metadata["body_part"] = file
		} else {
			metadata["main_module"] = file
		}
		parts = append([]Module{main}, parts...)
	}
	if assets != "" {
		metadata["assets"] = map[string]string{"jwt": assets}
	}
	if w.Flags == nil {
		metadata["compatibility_flags"] = []string{}
	}
	bindings := append([]map[string]any{}, w.Bindings...)
	for name, id := range w.KV {
		bindings = append(bindings, map[string]any{"name": name, "type": "kv_namespace", "namespace_id": id})
	}
	for name, text := range w.Vars {
		bindings = append(bindings, map[string]any{"name": name, "type": "plain_text", "text": text})
	}
	metadata["bindings"] = bindings
	if w.CPU > 0 {
		metadata["limits"] = map[string]int{"cpu_ms": w.CPU}
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	text, err := json.Marshal(metadata)
	if err != nil {
		return "", nil, err
	}
	// Neither writer fails: both write to memory.
	_ = form.WriteField("metadata", string(text))
	for _, m := range parts {
		addFile(form, m)
	}
	_ = form.Close()
	return form.FormDataContentType(), body.Bytes(), nil
}

// addFile adds a file to a form that is written to memory.
func addFile(form *multipart.Writer, m Module) {
	part, _ := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf("form-data; name=%q; filename=%q", m.Name, m.Name)},
		"Content-Type":        {m.Type},
	})
	_, _ = part.Write(m.Content)
}

// uploadAssets sends those of a worker's assets that the server does not have, and
// returns the token by which the upload of the worker names them all; "" is none.
func (s *Server) uploadAssets(ctx context.Context, w Worker) (token string, err error) {
	if len(w.Assets) == 0 {
		return "", nil
	}
	type entry struct {
		Hash string `json:"hash"`
		Size int    `json:"size"`
	}
	manifest := map[string]entry{}
	files := map[string]Asset{}
	for _, a := range w.Assets {
		sum := sha256.Sum256(append([]byte(a.Path), a.Content...))
		hash := hex.EncodeToString(sum[:16])
		manifest[a.Path] = entry{hash, len(a.Content)}
		files[hash] = a
	}
	body, err := json.Marshal(map[string]any{"manifest": manifest})
	if err != nil {
		return "", err
	}
	var session struct {
		JWT     string
		Buckets [][]string
	}
	if err := s.Call(ctx, http.MethodPost, "/workers/scripts/"+url.PathEscape(w.Name)+"/assets-upload-session", "application/json", body, &session); err != nil {
		return "", err
	}
	uploader := *s
	uploader.Token, token = session.JWT, session.JWT
	for _, bucket := range session.Buckets {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for _, hash := range bucket {
			a := files[hash]
			addFile(form, Module{hash, a.Type, []byte(base64.StdEncoding.EncodeToString(a.Content))})
		}
		_ = form.Close()
		var done struct{ JWT string }
		if err := uploader.Call(ctx, http.MethodPost, "/workers/assets/upload?base64=true", form.FormDataContentType(), body.Bytes(), &done); err != nil {
			return "", err
		}
		if done.JWT != "" {
			token = done.JWT
		}
	}
	return token, nil
}

// Delete removes a worker.
func (s *Server) Delete(ctx context.Context, name string) error {
	return s.Call(ctx, http.MethodDelete, "/workers/scripts/"+url.PathEscape(name)+"?force=true", "", nil, nil)
}

// CreateNamespace makes a KV namespace and returns its id.
func (s *Server) CreateNamespace(ctx context.Context, title string) (id string, err error) {
	body, err := json.Marshal(map[string]string{"title": title})
	if err != nil {
		return "", err
	}
	var namespace struct{ ID string }
	err = s.Call(ctx, http.MethodPost, "/storage/kv/namespaces", "application/json", body, &namespace)
	return namespace.ID, err
}

// Put writes one key of a KV namespace.
func (s *Server) Put(ctx context.Context, namespace, key string, value []byte) error {
	path := "/storage/kv/namespaces/" + url.PathEscape(namespace) + "/values/" + url.PathEscape(key)
	return s.Call(ctx, http.MethodPut, path, "application/octet-stream", value, nil)
}

// Call sends one request to a path of the account and decodes the result of the answer
// into result, if not nil. What the server refuses is a *Refusal.
func (s *Server) Call(ctx context.Context, method, path, contentType string, body []byte, result any) error {
	res, err := s.send(ctx, method, path, contentType, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, res.Request.URL, err)
	}
	var envelope struct {
		Success bool
		Errors  []struct {
			Code    int
			Message string
		}
		Result json.RawMessage
	}
	if err := json.Unmarshal(answer, &envelope); err != nil {
		return fmt.Errorf("%s %s: status %d and no JSON: %.200q", method, res.Request.URL, res.StatusCode, answer)
	}
	if !envelope.Success {
		return &Refusal{Method: method, URL: res.Request.URL.String(), Status: res.StatusCode, Detail: fmt.Sprint(envelope.Errors)}
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(envelope.Result, result)
}

// Open gets what is no JSON from a path of the account. The caller closes it.
func (s *Server) Open(ctx context.Context, path string) (io.ReadCloser, error) {
	res, err := s.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		detail, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10))
		return nil, &Refusal{Method: http.MethodGet, URL: res.Request.URL.String(), Status: res.StatusCode, Detail: string(detail)}
	}
	return res.Body, nil
}

// send sends one request. A path that begins with ../ is one of the server and of no account.
func (s *Server) send(ctx context.Context, method, path, contentType string, body []byte) (*http.Response, error) {
	account := s.Account
	if account == "" {
		account = "default"
	}
	target := strings.TrimSuffix(s.API, "/")
	if whole, ok := strings.CutPrefix(path, ".."); ok {
		target += whole
	} else {
		target += "/accounts/" + url.PathEscape(account) + path
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	client := s.Client
	if client == nil {
		client = http.DefaultClient
	}
	return client.Do(req)
}

// A Refusal is an answer that says no.
type Refusal struct {
	Method, URL string
	Status      int
	Detail      string
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s %s: status %d: %s", r.Method, r.URL, r.Status, r.Detail)
}
