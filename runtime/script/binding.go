package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits on the variables and secrets of one version.
const (
	MaxVariables    = 128
	MaxVariableSize = 5 << 10 // bytes of a variable's or secret's value
)

// A BindingType names what a binding gives a worker, as in the metadata of an upload:
// https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/#bindings
type BindingType string

const (
	PlainText       BindingType = "plain_text"
	JSON            BindingType = "json"
	SecretText      BindingType = "secret_text"
	KVNamespace     BindingType = "kv_namespace"
	Service         BindingType = "service"
	Assets          BindingType = "assets"
	VersionMetadata BindingType = "version_metadata"
	TextBlob        BindingType = "text_blob"
	DataBlob        BindingType = "data_blob"
	WasmModule      BindingType = "wasm_module"
	// Inherit copies the binding of the same name from the previous version; a stored
	// version holds what was copied, never an Inherit.
	Inherit BindingType = "inherit"
)

// A Binding is one name in a worker's env (or, in service-worker format, one global).
// Which fields are set depends on Type.
type Binding struct {
	Name string      `json:"name"`
	Type BindingType `json:"type"`

	Text        string          `json:"text,omitempty"`         // plain_text
	JSON        json.RawMessage `json:"json,omitempty"`         // json: any JSON value
	NamespaceID string          `json:"namespace_id,omitempty"` // kv_namespace
	Service     string          `json:"service,omitempty"`      // service: script name
	Environment string          `json:"environment,omitempty"`  // service; accepted and kept, Mayfly has one
	Entrypoint  string          `json:"entrypoint,omitempty"`   // service: named export, "" is the default one
	Props       json.RawMessage `json:"props,omitempty"`        // service: JSON for ctx.props
	Part        string          `json:"part,omitempty"`         // *_blob, wasm_module: the module's name

	// Secret is the value of a secret_text binding. It is empty in what Tx.Version
	// returns; Store.Load opens it.
	Secret Secret `json:"-"`
	// Sealed is Secret at rest.
	Sealed []byte `json:"sealed,omitempty"`
}

// ParseBinding decodes one item of an upload's bindings. Its errors name the binding.
func ParseBinding(raw []byte) (Binding, error) {
	var b Binding
	var head struct {
		Name string      `json:"name"`
		Type BindingType `json:"type"`
		Text *string     `json:"text"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return b, Errorf(BadBinding, "a binding is not an object with string \"name\" and \"type\": %v", jsonProblem(err))
	}
	if err := checkBindingName(head.Name); err != nil {
		return b, err
	}
	bad := func(format string, args ...any) error {
		return Errorf(BadBinding, "binding %q of type %q: %s", head.Name, head.Type, fmt.Sprintf(format, args...))
	}
	if !supported(head.Type) {
		if head.Type == "" {
			return b, bad("it has no type")
		}
		return b, Errorf(UnsupportedBinding, "binding %q has type %q, which Mayfly does not support (supported: %s)", head.Name, head.Type, supportedTypes)
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return Binding{}, bad("%v", jsonProblem(err))
	}
	b.Sealed = nil
	switch b.Type {
	case PlainText:
		if head.Text == nil {
			return b, bad("\"text\" is missing")
		}
	case SecretText:
		// Without a text the item means "keep as it is", which is what inherit says.
		if head.Text == nil {
			return Binding{Name: b.Name, Type: Inherit}, nil
		}
		b.Secret, b.Text = NewSecret(b.Text), ""
	case JSON:
		if len(b.JSON) == 0 {
			// encoding/json gives a RawMessage field a literal null, so empty means absent.
			return b, bad("\"json\" is missing")
		}
		b.JSON = compact(b.JSON)
	case KVNamespace:
		if b.NamespaceID == "" {
			return b, bad("\"namespace_id\" is missing")
		}
	case Service:
		if b.Service == "" {
			return b, bad("\"service\" is missing")
		}
		b.Props = compact(b.Props)
	case TextBlob, DataBlob, WasmModule:
		if b.Part == "" {
			return b, bad("\"part\" is missing")
		}
	}
	return b, b.checkSize()
}

// checkSize enforces the limit on a variable's value.
func (b *Binding) checkSize() error {
	size := max(len(b.Text), len(b.JSON), len(b.Secret.value))
	if size > MaxVariableSize {
		return Errorf(VariableTooLarge, "binding %q is %d bytes, over the limit of %d bytes for a variable or secret", b.Name, size, MaxVariableSize)
	}
	return nil
}

// variable reports whether b counts towards MaxVariables.
func (b *Binding) variable() bool {
	return b.Type == PlainText || b.Type == JSON || b.Type == SecretText
}

// checkBindingName accepts any name that can be a property; wrangler itself allows
// more than identifiers.
func checkBindingName(name string) error {
	if name == "" || len(name) > 255 || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return Errorf(BadBinding, "binding name %q must be 1 to 255 bytes of UTF-8", name)
	}
	return nil
}

const supportedTypes = "plain_text, json, secret_text, kv_namespace, service, assets, version_metadata, text_blob, data_blob, wasm_module, inherit"

func supported(t BindingType) bool {
	switch t {
	case PlainText, JSON, SecretText, KVNamespace, Service, Assets, VersionMetadata, TextBlob, DataBlob, WasmModule, Inherit:
		return true
	}
	return false
}

func compact(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		return raw
	}
	return out.Bytes()
}

// jsonProblem puts a decoding error in words that name the field and not Go's types.
func jsonProblem(err error) error {
	if e, ok := err.(*json.UnmarshalTypeError); ok {
		field := e.Field
		if field == "" {
			return fmt.Errorf("a %s is not allowed here", e.Value)
		}
		return fmt.Errorf("%q cannot be a %s", field, e.Value)
	}
	return err
}

// Resolve settles v's bindings against the version before it: inherit items are
// replaced by what they name, and bindings whose type is in keep are carried over when
// v does not name them itself. With strict an inherit that names nothing is an error,
// otherwise it is dropped. A blob's module comes with its binding. previous is nil for
// the first version and must have its Modules when it has blobs.
func (v *Version) Resolve(previous *Version, keep []BindingType, strict bool) error {
	old := map[string]Binding{}
	if previous != nil {
		for _, b := range previous.Bindings {
			old[b.Name] = b
		}
	}
	named := map[string]bool{}
	var resolved []Binding
	for _, b := range v.Bindings {
		if named[b.Name] {
			return Errorf(BadBinding, "binding name %q is used twice", b.Name)
		}
		named[b.Name] = true
		if b.Type != Inherit {
			resolved = append(resolved, b)
			continue
		}
		inherited, ok := old[b.Name]
		switch {
		case ok:
			v.adopt(previous, inherited.Part)
			resolved = append(resolved, inherited)
		case strict:
			return Errorf(UnresolvedInherit, "inherit binding '%s' is invalid: the previous version has no binding of that name", b.Name)
		}
	}
	if previous != nil {
		for _, b := range previous.Bindings {
			if !named[b.Name] && keeps(keep, b.Type) {
				v.adopt(previous, b.Part)
				resolved = append(resolved, b)
			}
		}
	}
	v.Bindings = resolved
	count := 0
	for i := range resolved {
		if resolved[i].variable() {
			count++
		}
	}
	if count > MaxVariables {
		return Errorf(TooManyBindings, "the worker has %d variables and secrets, over the limit of %d", count, MaxVariables)
	}
	return nil
}

// adopt copies the module named part from previous unless v has one of that name.
func (v *Version) adopt(previous *Version, part string) {
	if part == "" || v.Module(part) != nil {
		return
	}
	if m := previous.Module(part); m != nil {
		v.Modules = append(v.Modules, *m)
	}
}

func keeps(keep []BindingType, t BindingType) bool {
	for _, k := range keep {
		if k == t {
			return true
		}
	}
	return false
}
