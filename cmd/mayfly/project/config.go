package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// config is what of a project file means something to Mayfly.
type config struct {
	Name               string            `json:"name"`
	Main               string            `json:"main"`
	CompatibilityDate  string            `json:"compatibility_date"`
	CompatibilityFlags []string          `json:"compatibility_flags"`
	WorkersDev         *bool             `json:"workers_dev"`
	PreviewURLs        *bool             `json:"preview_urls"`
	Route              json.RawMessage   `json:"route"`
	Routes             []json.RawMessage `json:"routes"`
	Triggers           struct {
		Crons *[]string `json:"crons"`
	} `json:"triggers"`
	Limits script.Limits `json:"limits"`

	Rules    []rule            `json:"rules"`
	Define   map[string]string `json:"define"`
	Alias    map[string]string `json:"alias"`
	TSConfig string            `json:"tsconfig"`
	Minify   bool              `json:"minify"`
	KeepVars bool              `json:"keep_vars"`

	Vars            map[string]json.RawMessage `json:"vars"`
	KVNamespaces    []kvNamespace              `json:"kv_namespaces"`
	Services        []service                  `json:"services"`
	VersionMetadata *struct {
		Binding string `json:"binding"`
	} `json:"version_metadata"`

	Assets        *assetsConfig   `json:"assets"`
	Observability json.RawMessage `json:"observability"`
	Unsafe        struct {
		Metadata unsafeMetadata `json:"metadata"`
	} `json:"unsafe"`
}

// unsafeMetadata are settings of Mayfly's own, where wrangler lets them through.
type unsafeMetadata struct {
	Provisioned *int    `json:"provisioned"`
	Concurrency *int    `json:"concurrency"`
	Host        *string `json:"host"`
}

type rule struct {
	Type  string   `json:"type"`
	Globs []string `json:"globs"`
}

type kvNamespace struct {
	Binding string `json:"binding"`
	ID      string `json:"id"`
}

type service struct {
	Binding     string          `json:"binding"`
	Service     string          `json:"service"`
	Environment string          `json:"environment"`
	Entrypoint  string          `json:"entrypoint"`
	Props       json.RawMessage `json:"props"`
}

// separate are the fields that an environment does not take from the top level.
var separate = []string{"vars", "kv_namespaces", "services", "version_metadata", "define"}

// silent are fields that mean something to wrangler alone, or nothing by now.
var silent = []string{"$schema", "account_id", "dev", "send_metrics", "upload_source_maps", "env", "no_bundle", "usage_model",
	"logpush", "placement", "build", "keep_names", "first_party_worker", "compliance_region", "preserve_file_names", "tail_consumers"}

// unsupported are bindings and products that Mayfly does not have.
var unsupported = []string{"durable_objects", "migrations", "r2_buckets", "d1_databases", "queues", "ai", "vectorize", "hyperdrive",
	"browser", "images", "workflows", "analytics_engine_datasets", "send_email", "mtls_certificates", "dispatch_namespaces",
	"pipelines", "secrets_store_secrets", "containers", "site", "wasm_modules", "text_blobs", "data_blobs", "ratelimits"}

// read decodes the JSON text of a project file for one environment, "" being the top
// level. warnings name fields that are not known.
func read(text []byte, env string) (c *config, warnings []string, err error) {
	var fields map[string]json.RawMessage
	if err := decode(text, &fields); err != nil {
		return nil, nil, err
	}
	if env != "" {
		if fields, err = environment(fields, env); err != nil {
			return nil, nil, err
		}
	}
	names := slices.Sorted(maps.Keys(fields))
	for _, name := range names {
		if slices.Contains(unsupported, name) && !empty(fields[name]) {
			return nil, nil, fmt.Errorf("%q is not supported by Mayfly: remove it, or put it into an environment of its own", name)
		}
	}
	merged, err := json.Marshal(fields)
	if err != nil {
		return nil, nil, err
	}
	c = new(config)
	if err := decode(merged, c); err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		if !fieldNames[name] && !slices.Contains(silent, name) && !slices.Contains(unsupported, name) {
			warnings = append(warnings, fmt.Sprintf("the field %q is not known and has no effect", name))
		}
	}
	return c, warnings, nil
}

// fieldNames are the names in config.
var fieldNames = func() map[string]bool {
	names := map[string]bool{}
	text, _ := json.Marshal(config{}) // a zero config always marshals
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(text, &fields)
	for name := range fields {
		names[name] = true
	}
	return names
}()

func empty(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "null", "[]", "{}", "false":
		return true
	}
	return false
}

// environment returns the fields of one environment: its own, and what is inherited.
func environment(top map[string]json.RawMessage, env string) (map[string]json.RawMessage, error) {
	var envs map[string]map[string]json.RawMessage
	if raw := top["env"]; raw != nil {
		if err := decode(raw, &envs); err != nil {
			return nil, fmt.Errorf("env: %w", err)
		}
	}
	own, ok := envs[env]
	if !ok {
		if len(envs) == 0 {
			return nil, fmt.Errorf("there is no environment %q: the project file has no \"env\"", env)
		}
		return nil, fmt.Errorf("there is no environment %q: there are %s", env, strings.Join(slices.Sorted(maps.Keys(envs)), ", "))
	}
	fields := map[string]json.RawMessage{}
	for name, raw := range top {
		if !slices.Contains(separate, name) && !slices.Contains(unsupported, name) && name != "env" {
			fields[name] = raw
		}
	}
	if _, named := own["name"]; !named {
		var name string
		if raw := top["name"]; raw != nil {
			if err := decode(raw, &name); err != nil {
				return nil, fmt.Errorf("name: %w", err)
			}
			text, err := json.Marshal(name + "-" + env)
			if err != nil {
				return nil, err
			}
			fields["name"] = text
		}
	}
	maps.Copy(fields, own)
	return fields, nil
}

// decode decodes JSON and names the field that does not fit.
func decode(text []byte, into any) error {
	err := json.Unmarshal(text, into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		if wrong.Field == "" {
			return fmt.Errorf("a %s is not allowed here", wrong.Value)
		}
		return fmt.Errorf("%q cannot be a %s", wrong.Field, wrong.Value)
	}
	return err
}

// bindings are the bindings of the worker in the order of the file's kinds. A KV
// namespace may be without id.
func (c *config) bindings() ([]script.Binding, error) {
	var all []script.Binding
	for _, name := range slices.Sorted(maps.Keys(c.Vars)) {
		b := script.Binding{Name: name, Type: script.JSON, JSON: c.Vars[name]}
		var text string
		if json.Unmarshal(c.Vars[name], &text) == nil && string(bytes.TrimSpace(c.Vars[name])) != "null" {
			b = script.Binding{Name: name, Type: script.PlainText, Text: text}
		}
		all = append(all, b)
	}
	for i, n := range c.KVNamespaces {
		if n.Binding == "" {
			return nil, fmt.Errorf("kv_namespaces[%d]: \"binding\" is missing", i)
		}
		all = append(all, script.Binding{Name: n.Binding, Type: script.KVNamespace, NamespaceID: n.ID})
	}
	for i, s := range c.Services {
		if s.Binding == "" || s.Service == "" {
			return nil, fmt.Errorf("services[%d]: it needs \"binding\" and \"service\"", i)
		}
		all = append(all, script.Binding{Name: s.Binding, Type: script.Service, Service: s.Service,
			Environment: s.Environment, Entrypoint: s.Entrypoint, Props: s.Props})
	}
	if c.VersionMetadata != nil {
		all = append(all, script.Binding{Name: c.VersionMetadata.Binding, Type: script.VersionMetadata})
	}
	if c.Assets != nil && c.Assets.Binding != "" {
		all = append(all, script.Binding{Name: c.Assets.Binding, Type: script.Assets})
	}
	seen := map[string]bool{}
	for _, b := range all {
		if seen[b.Name] {
			return nil, fmt.Errorf("the binding %q is there twice", b.Name)
		}
		seen[b.Name] = true
	}
	return all, nil
}

// A Route is a route or custom domain of a project file.
type Route struct {
	Pattern string `json:"pattern"`
	// CustomDomain says that Pattern is a host that belongs to the worker as a whole.
	CustomDomain bool   `json:"custom_domain,omitempty"`
	ZoneName     string `json:"zone_name,omitempty"`
	ZoneID       string `json:"zone_id,omitempty"`
}

// routes are the routes and custom domains.
func (c *config) routes() ([]Route, error) {
	list := c.Routes
	if c.Route != nil && !empty(c.Route) {
		list = append([]json.RawMessage{c.Route}, list...)
	}
	var all []Route
	for i, raw := range list {
		var r Route
		if json.Unmarshal(raw, &r.Pattern) != nil {
			if err := decode(raw, &r); err != nil {
				return nil, fmt.Errorf("routes[%d]: %w", i, err)
			}
		}
		if r.Pattern == "" {
			return nil, fmt.Errorf("routes[%d]: \"pattern\" is missing", i)
		}
		all = append(all, r)
	}
	return all, nil
}

// rules are the module rules as the compiler takes them.
func (c *config) rules() ([]compiler.Rule, error) {
	kinds := map[string]compiler.Kind{"Text": compiler.Text, "Data": compiler.Data, "CompiledWasm": compiler.Wasm, "CommonJS": compiler.CommonJS}
	var all []compiler.Rule
	for i, r := range c.Rules {
		if r.Type == "ESModule" {
			continue // what every other file is
		}
		kind, ok := kinds[r.Type]
		if !ok {
			return nil, fmt.Errorf("rules[%d]: the type %q is none of ESModule, CommonJS, Text, Data, CompiledWasm", i, r.Type)
		}
		all = append(all, compiler.Rule{Kind: kind, Globs: r.Globs})
	}
	return all, nil
}
