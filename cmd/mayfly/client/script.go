package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// An Upload is a new version of a script.
type Upload struct {
	Format             script.Format
	Main               string
	Modules            []script.Module
	Bindings           []script.Binding
	KeepBindings       []script.BindingType // kinds kept from the version before
	CompatibilityDate  string
	CompatibilityFlags []string
	Limits             script.Limits
	Observability      json.RawMessage
	Provisioned        *int    // isolates kept warm; nil leaves it
	Concurrency        *int    // requests reserved; nil leaves it
	Host               *string // script.HostOwn, or "" to share; nil leaves it
	Annotations        map[string]string
	Assets             *UploadedAssets // nil for a version without
}

// UploadedAssets names the static files of a version and says how they are served.
type UploadedAssets struct {
	Token  string          `json:"jwt"` // of PutAssets
	Config json.RawMessage `json:"config"`
}

// An Uploaded tells of a version that was stored and deployed.
type Uploaded struct {
	Version     string   `json:"deployment_id"`
	StartupTime int      `json:"startup_time_ms"` // milliseconds
	Handlers    []string `json:"handlers"`
}

// contentTypes are those of an upload's parts.
var contentTypes = map[script.ModuleType]string{
	script.ESModule: "application/javascript+module", script.CommonJS: "application/javascript", script.ScriptFile: "application/javascript",
	script.TextFile: "text/plain", script.DataFile: "application/octet-stream", script.JSONFile: "application/json",
	script.WasmFile: "application/wasm", script.SourceMap: "application/source-map",
}

// Put uploads a version of a script, made if there is none, and gives it all requests.
func (c *Client) Put(ctx context.Context, name string, u *Upload) (*Uploaded, error) {
	body, contentType, err := u.form()
	if err != nil {
		return nil, err
	}
	out := new(Uploaded)
	_, err = c.ask(ctx, request{method: "PUT", path: c.script(name), query: url.Values{"bindings_inherit": {"strict"}},
		body: body, contentType: contentType}, out)
	return out, err
}

// form is the upload as a multipart form.
func (u *Upload) form() (body []byte, contentType string, err error) {
	metadata := map[string]any{
		"bindings": append([]script.Binding{}, u.Bindings...), "keep_bindings": append([]script.BindingType{}, u.KeepBindings...),
		"compatibility_flags": append([]string{}, u.CompatibilityFlags...),
	}
	switch u.Format {
	case script.ServiceWorker:
		metadata["body_part"] = u.Main
	case script.Modules:
		metadata["main_module"] = u.Main
	}
	if u.Assets != nil {
		metadata["assets"] = u.Assets
	}
	if u.CompatibilityDate != "" {
		metadata["compatibility_date"] = u.CompatibilityDate
	}
	if u.Limits != (script.Limits{}) {
		metadata["limits"] = u.Limits
	}
	if len(u.Observability) > 0 {
		metadata["observability"] = u.Observability
	}
	if u.Provisioned != nil {
		metadata["provisioned"] = *u.Provisioned
	}
	if u.Concurrency != nil {
		metadata["concurrency"] = *u.Concurrency
	}
	if u.Host != nil {
		metadata["host"] = *u.Host
	}
	if len(u.Annotations) > 0 {
		metadata["annotations"] = u.Annotations
	}
	text, err := json.Marshal(metadata)
	if err != nil {
		return nil, "", fmt.Errorf("upload: %w", err)
	}
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	part := func(disposition, contentType string, content []byte) {
		header := textproto.MIMEHeader{"Content-Disposition": {disposition}}
		if contentType != "" {
			header.Set("Content-Type", contentType)
		}
		p, _ := w.CreatePart(header) // a buffer takes everything
		_, _ = p.Write(content)
	}
	part(`form-data; name="metadata"`, "", text)
	for _, m := range u.Modules {
		name := escaped.Replace(m.Name)
		part(`form-data; name="`+name+`"; filename="`+name+`"`, contentTypes[m.Type], m.Content)
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return buf.Bytes(), w.FormDataContentType(), nil
}

// escaped is how a form carries a part's name.
var escaped = strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A")

// Bindings returns the bindings of a script's newest version, without secrets' values.
func (c *Client) Bindings(ctx context.Context, name string) ([]script.Binding, error) {
	var out struct {
		Bindings []script.Binding `json:"bindings"`
	}
	_, err := c.ask(ctx, request{method: "GET", path: c.script(name, "settings")}, &out)
	return out.Bindings, err
}

// URL returns the address of a script's own host, or "" if it has none.
func (c *Client) URL(ctx context.Context, name string) (string, error) {
	var out struct {
		Subdomain struct {
			Enabled bool   `json:"enabled"`
			URL     string `json:"url"`
		} `json:"subdomain"`
	}
	_, err := c.ask(ctx, request{method: "GET", path: c.inAccount("workers", "workers", name)}, &out)
	if !out.Subdomain.Enabled {
		return "", err
	}
	return out.Subdomain.URL, err
}

// SetSubdomain turns a script's own host, and those of its versions, on or off.
func (c *Client) SetSubdomain(ctx context.Context, name string, enabled, previews bool) error {
	_, err := c.ask(ctx, request{method: "POST", path: c.script(name, "subdomain"),
		json: map[string]bool{"enabled": enabled, "previews_enabled": previews}}, nil)
	return err
}

// SetRoutes makes patterns all the routes of a script.
func (c *Client) SetRoutes(ctx context.Context, name string, patterns []string) error {
	items := []map[string]string{}
	for _, p := range patterns {
		items = append(items, map[string]string{"pattern": p})
	}
	_, err := c.ask(ctx, request{method: "PUT", path: c.script(name, "routes"), json: items}, nil)
	return err
}

// SetDomains makes hosts all the custom domains of a script.
func (c *Client) SetDomains(ctx context.Context, name string, hosts []string) error {
	origins := []map[string]any{}
	for _, h := range hosts {
		origins = append(origins, map[string]any{"hostname": h})
	}
	_, err := c.ask(ctx, request{method: "PUT", path: c.script(name, "domains", "records"),
		json: map[string]any{"override_scope": true, "override_existing_origin": true, "origins": origins}}, nil)
	return err
}

// SetSchedules makes crons all the cron triggers of a script.
func (c *Client) SetSchedules(ctx context.Context, name string, crons []string) error {
	items := []map[string]string{}
	for _, cron := range crons {
		items = append(items, map[string]string{"cron": cron})
	}
	_, err := c.ask(ctx, request{method: "PUT", path: c.script(name, "schedules"), json: items}, nil)
	return err
}
