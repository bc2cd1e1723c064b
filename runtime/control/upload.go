package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// uploadMetadata is the JSON part of an upload:
// https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/
type uploadMetadata struct {
	MainModule         *string               `json:"main_module"`
	BodyPart           *string               `json:"body_part"`
	Bindings           []json.RawMessage     `json:"bindings"`
	KeepBindings       *[]script.BindingType `json:"keep_bindings"`
	CompatibilityDate  string                `json:"compatibility_date"`
	CompatibilityFlags []string              `json:"compatibility_flags"`
	Limits             *script.Limits        `json:"limits"`
	Placement          json.RawMessage       `json:"placement"`
	Annotations        map[string]string     `json:"annotations"`
	Assets             *struct {
		JWT    string          `json:"jwt"`
		Config json.RawMessage `json:"config"`
	} `json:"assets"`
	KeepAssets bool `json:"keep_assets"`

	Tags          *[]string       `json:"tags"`
	Logpush       *bool           `json:"logpush"`
	Observability json.RawMessage `json:"observability"`
	TailConsumers json.RawMessage `json:"tail_consumers"`
	// Mayfly's own; wrangler sends them when they are in unsafe.metadata.
	Provisioned *int    `json:"provisioned"`
	Concurrency *int    `json:"concurrency"`
	Host        *string `json:"host"`

	Migrations json.RawMessage `json:"migrations"`
	Exports    json.RawMessage `json:"exports"`
	Containers json.RawMessage `json:"containers"`
}

// secretTypes are kept when an upload does not say what to keep: wrangler before 4.100
// deploys without keep_bindings and expects secrets to stay.
var secretTypes = []script.BindingType{script.SecretText, "secret_key"}

// An upload is a form taken apart, not yet resolved against the version before.
type upload struct {
	metadata uploadMetadata
	version  *script.Version
}

// parseUpload takes the form of an upload apart.
func parseUpload(account, name, contentType string, body []byte) (*upload, error) {
	parts, err := parseForm(contentType, body)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(parts, func(p part) bool { return p.name == "metadata" })
	if at < 0 {
		return nil, badRequest("the form has no part named metadata")
	}
	u := &upload{}
	m := &u.metadata
	if err := decodeJSON("metadata", parts[at].content, m); err != nil {
		return nil, err
	}
	if err := m.checkCounts(); err != nil {
		return nil, err
	}
	v := &script.Version{Account: account, Script: name, Annotations: m.Annotations,
		CompatibilityDate: m.CompatibilityDate, CompatibilityFlags: m.CompatibilityFlags, Placement: m.Placement}
	if m.Limits != nil {
		v.Limits = *m.Limits
	}
	switch {
	case m.MainModule != nil && m.BodyPart != nil:
		return nil, badRequest("metadata has both main_module and body_part: use main_module for ES modules, body_part for a service worker")
	case m.MainModule != nil:
		v.Format, v.Main = script.Modules, *m.MainModule
	case m.BodyPart != nil:
		v.Format, v.Main = script.ServiceWorker, *m.BodyPart
	default:
		v.Format = script.AssetsOnly
	}
	for _, b := range m.Bindings {
		binding, err := script.ParseBinding(b)
		if err != nil {
			return nil, err
		}
		v.Bindings = append(v.Bindings, binding)
	}
	// After the bindings: an error should name the one that needs this.
	for field, value := range map[string]json.RawMessage{"migrations": m.Migrations, "exports": m.Exports} {
		if present(value) {
			return nil, script.Errorf(script.UnsupportedBinding, "the upload has %q for Durable Objects, which Mayfly does not support", field)
		}
	}
	if present(m.Containers) {
		return nil, script.Errorf(script.UnsupportedBinding, "the upload has \"containers\", which Mayfly does not support")
	}
	for i, p := range parts {
		if i == at {
			continue
		}
		kind, err := moduleType(p, v.Format)
		if err != nil {
			return nil, err
		}
		v.Modules = append(v.Modules, script.Module{Name: p.name, Type: kind, Content: p.content})
	}
	u.version = v
	return u, nil
}

// present reports whether a field was sent with something in it.
func present(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", "[]", "{}":
		return false
	}
	return true
}

// moduleType tells from its content type what a part is.
func moduleType(p part, format script.Format) (script.ModuleType, error) {
	switch p.contentType {
	case "application/javascript+module", "text/javascript+module":
		return script.ESModule, nil
	case "application/javascript", "text/javascript", "application/x-javascript":
		if format == script.ServiceWorker {
			return script.ScriptFile, nil
		}
		return script.CommonJS, nil
	case "text/plain", "text/html", "text/css", "application/sql":
		return script.TextFile, nil
	case "application/octet-stream":
		return script.DataFile, nil
	case "application/json":
		return script.JSONFile, nil
	case "application/wasm":
		return script.WasmFile, nil
	case "application/source-map":
		return script.SourceMap, nil
	case "text/x-python", "text/x-python-requirement":
		return "", script.Errorf(script.BadValue, "module %q is Python, which Mayfly does not support", p.name)
	}
	return "", script.Errorf(script.BadValue, "module %q has the content type %q, which is not one of application/javascript+module, "+
		"application/javascript, text/plain, application/octet-stream, application/json, application/wasm, application/source-map", p.name, p.fullType)
}

// maxAttempts is how often an upload is worked out again because the script changed
// meanwhile.
const maxAttempts = 3

// A plan says what to do with an upload.
type plan struct {
	create bool // make the script if there is none
	deploy bool // give the new version all traffic
	strict bool // an inherit binding that names nothing is an error
}

// apply validates the upload and stores it as a new version. Nothing is changed unless
// everything succeeds.
func (k *call) apply(u *upload, p plan) (*script.Script, *script.Version, error) {
	for range maxAttempts {
		s, v, err := k.try(u, p)
		if !errors.Is(err, errMoved) {
			return s, v, err
		}
	}
	return nil, nil, &apiError{409, codeConflict, "the Worker was changed by somebody else meanwhile: try again"}
}

// errMoved says that the script has another newest version than a moment ago.
var errMoved = errors.New("control: script changed meanwhile")

func (k *call) try(u *upload, p plan) (*script.Script, *script.Version, error) {
	previous, err := k.latest(u.version.Script)
	if errors.Is(err, script.UnknownScript) && p.create {
		err = script.CheckName(u.version.Script)
	}
	if err != nil {
		return nil, nil, err
	}
	v := *u.version
	v.Modules, v.Bindings = slices.Clone(v.Modules), slices.Clone(v.Bindings)
	m := &u.metadata
	keep := secretTypes
	if m.KeepBindings != nil {
		keep = *m.KeepBindings
	}
	if err := v.Resolve(previous, keep, p.strict); err != nil {
		return nil, nil, err
	}
	if m.KeepAssets && m.Assets == nil && previous != nil {
		v.Assets = previous.Assets
	}
	if m.Assets != nil {
		v.Assets = &script.AssetsRef{Config: m.Assets.Config}
	}
	if err := v.Check(); err != nil {
		return nil, nil, err
	}
	if v.Format != script.AssetsOnly {
		found, err := k.Validator.Validate(k.ctx, &v)
		if err != nil {
			return nil, nil, err
		}
		v.StartupTime, v.Handlers, v.Entrypoints, v.Artifacts = found.StartupTime, found.Handlers, found.Entrypoints, found.Artifacts
	}
	actor := k.actor()
	v.Source, v.Author = actor.Source, actor.Name
	v.Annotations = annotate(v.Annotations, "upload")
	var s *script.Script
	err = k.update(func(tx *script.Tx) (err error) {
		if p.create {
			s, err = tx.CreateScript(v.Account, v.Script)
		} else {
			s, err = tx.Script(v.Account, v.Script)
		}
		if err != nil {
			return err
		}
		if previous == nil && s.Latest != "" || previous != nil && s.Latest != previous.ID {
			return errMoved
		}
		if m.Assets != nil && m.Assets.JWT != "" {
			if v.Assets.Manifest, err = tx.FinishAssets(v.Account, v.Script, m.Assets.JWT); err != nil {
				return err
			}
		} else if m.Assets != nil {
			return badRequest("metadata.assets.jwt is missing")
		}
		if err := tx.AddVersion(&v); err != nil {
			return err
		}
		if p.deploy {
			if err := tx.Deploy(v.Account, v.Script, &script.Deployment{Versions: whole(v.ID), Annotations: annotate(m.Annotations, "upload")}); err != nil {
				return err
			}
		}
		if s, err = tx.Script(v.Account, v.Script); err != nil {
			return err
		}
		if m.configure(s) {
			return tx.SaveScript(s)
		}
		return nil
	})
	return s, &v, err
}

// mostIsolates is how many isolates may be provisioned or requests reserved.
const mostIsolates = 10_000

func (m *uploadMetadata) checkCounts() error {
	for name, n := range map[string]*int{"provisioned": m.Provisioned, "concurrency": m.Concurrency} {
		if n != nil && (*n < 0 || *n > mostIsolates) {
			return badRequest("%q is %d, it must be from 0 to %d", name, *n, mostIsolates)
		}
	}
	if m.Host != nil && *m.Host != "" && *m.Host != script.HostOwn {
		return badRequest("\"host\" is %q, it must be %q or empty", *m.Host, script.HostOwn)
	}
	return nil
}

// configure copies script-level settings of the upload and reports whether there are any.
func (m *uploadMetadata) configure(s *script.Script) bool {
	changed := false
	if m.Tags != nil {
		s.Tags, changed = *m.Tags, true
	}
	if m.Logpush != nil {
		s.Settings.Logpush, changed = *m.Logpush, true
	}
	if len(m.Observability) > 0 {
		s.Settings.Observability, changed = m.Observability, true
	}
	if len(m.TailConsumers) > 0 {
		s.Settings.TailConsumers, changed = m.TailConsumers, true
	}
	if m.Provisioned != nil {
		s.Settings.Provisioned, changed = *m.Provisioned, true
	}
	if m.Concurrency != nil {
		s.Settings.Concurrency, changed = *m.Concurrency, true
	}
	if m.Host != nil {
		s.Settings.Host, changed = *m.Host, true
	}
	return changed
}

// latest loads the newest version of a script, or nil when it has none.
func (k *call) latest(name string) (v *script.Version, err error) {
	err = k.view(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, name)
		if err != nil || s.Latest == "" {
			return err
		}
		v, err = tx.LoadVersion(k.account, name, s.Latest)
		return err
	})
	return v, err
}

func whole(version string) []script.Share {
	return []script.Share{{VersionID: version, Percentage: 100}}
}

// annotate adds what made a version or deployment to its annotations.
func annotate(given map[string]string, trigger string) map[string]string {
	all := map[string]string{"workers/triggered_by": trigger}
	for name, value := range given {
		all[name] = value
	}
	return all
}

// readUpload reads and takes apart the form in the body.
func (k *call) readUpload() (*upload, error) {
	contentType := string(k.http.Request.Header.ContentType())
	if !isForm(contentType) {
		return nil, badRequest("the content type must be multipart/form-data, not %q", contentType)
	}
	body, err := k.body()
	if err != nil {
		return nil, err
	}
	return parseUpload(k.account, k.params["script"], contentType, body)
}

// millis is a startup time as answers give it: whole milliseconds, at least 1.
func millis(v *script.Version) int64 {
	return max(1, v.StartupTime.Milliseconds())
}

// fileName is how a content disposition carries a part's name; see quoted.
func fileName(name string) string {
	return fmt.Sprintf(`form-data; name="%s"; filename="%s"`, escaped.Replace(name), escaped.Replace(name))
}
