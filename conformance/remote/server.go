package remote

import (
	"bytes"
	"context"
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

// A Worker is what is uploaded. It is a single ES module, or a service-worker script if
// Classic is set.
type Worker struct {
	Name    string
	Code    string
	Classic bool
	// KV maps names in env to namespace ids.
	KV map[string]string
	// Vars are text in env.
	Vars map[string]string
	// CPU is the limit of a request in milliseconds; 0 is the server's default.
	CPU int
	// Flags are compatibility flags.
	Flags []string
}

// compatibilityDate is that of every upload.
const compatibilityDate = "2026-01-01"

// Deploy uploads w and lets it answer at the host of its name.
func (s *Server) Deploy(ctx context.Context, w Worker) error {
	const file = "index.js"
	metadata := map[string]any{"compatibility_date": compatibilityDate, "compatibility_flags": w.Flags}
	contentType := "application/javascript+module"
	if w.Classic {
		contentType = "application/javascript"
		metadata["body_part"] = file
	} else {
		metadata["main_module"] = file
	}
	if w.Flags == nil {
		metadata["compatibility_flags"] = []string{}
	}
	bindings := []map[string]string{}
	for name, id := range w.KV {
		bindings = append(bindings, map[string]string{"name": name, "type": "kv_namespace", "namespace_id": id})
	}
	for name, text := range w.Vars {
		bindings = append(bindings, map[string]string{"name": name, "type": "plain_text", "text": text})
	}
	metadata["bindings"] = bindings
	if w.CPU > 0 {
		metadata["limits"] = map[string]int{"cpu_ms": w.CPU}
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	text, err := json.Marshal(metadata)
	if err != nil {
		return err
	}
	// Neither writer fails: both write to memory.
	_ = form.WriteField("metadata", string(text))
	part, _ := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf("form-data; name=%q; filename=%q", file, file)},
		"Content-Type":        {contentType},
	})
	_, _ = io.WriteString(part, w.Code)
	_ = form.Close()
	path := "/workers/scripts/" + url.PathEscape(w.Name)
	if err := s.call(ctx, http.MethodPut, path+"?excludeScript=true", form.FormDataContentType(), body.Bytes(), nil); err != nil {
		return err
	}
	return s.call(ctx, http.MethodPost, path+"/subdomain", "application/json", []byte(`{"enabled":true}`), nil)
}

// Delete removes a worker.
func (s *Server) Delete(ctx context.Context, name string) error {
	return s.call(ctx, http.MethodDelete, "/workers/scripts/"+url.PathEscape(name)+"?force=true", "", nil, nil)
}

// CreateNamespace makes a KV namespace and returns its id.
func (s *Server) CreateNamespace(ctx context.Context, title string) (id string, err error) {
	body, err := json.Marshal(map[string]string{"title": title})
	if err != nil {
		return "", err
	}
	var namespace struct{ ID string }
	err = s.call(ctx, http.MethodPost, "/storage/kv/namespaces", "application/json", body, &namespace)
	return namespace.ID, err
}

// Put writes one key of a KV namespace.
func (s *Server) Put(ctx context.Context, namespace, key string, value []byte) error {
	path := "/storage/kv/namespaces/" + url.PathEscape(namespace) + "/values/" + url.PathEscape(key)
	return s.call(ctx, http.MethodPut, path, "application/octet-stream", value, nil)
}

// call sends one request and decodes the result of the answer into result, if not nil.
func (s *Server) call(ctx context.Context, method, path, contentType string, body []byte, result any) error {
	account := s.Account
	if account == "" {
		account = "default"
	}
	target := strings.TrimSuffix(s.API, "/") + "/accounts/" + url.PathEscape(account) + path
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	client := s.Client
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, target, err)
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
		return fmt.Errorf("%s %s: status %d and no JSON: %.200q", method, target, res.StatusCode, answer)
	}
	if !envelope.Success {
		return fmt.Errorf("%s %s: status %d: %v", method, target, res.StatusCode, envelope.Errors)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(envelope.Result, result)
}
