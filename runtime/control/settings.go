package control

import (
	"encoding/json"
	"slices"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func scriptSettingsView(s *script.Script) map[string]any {
	view := map[string]any{"logpush": s.Settings.Logpush, "tags": append([]string{}, s.Tags...), "tail_consumers": []any{}, "observability": map[string]any{"enabled": false}}
	if present(s.Settings.Observability) {
		view["observability"] = s.Settings.Observability
	}
	if present(s.Settings.TailConsumers) {
		view["tail_consumers"] = s.Settings.TailConsumers
	}
	if s.Settings.Provisioned > 0 {
		view["provisioned"] = s.Settings.Provisioned
	}
	if s.Settings.Concurrency > 0 {
		view["concurrency"] = s.Settings.Concurrency
	}
	if s.Settings.Host != "" {
		view["host"] = s.Settings.Host
	}
	return view
}

func settingsView(s *script.Script, v *script.Version) map[string]any {
	view := scriptSettingsView(s)
	view["usage_model"] = "standard"
	view["bindings"] = []any{}
	if s.MigrationTag != "" {
		view["migration_tag"] = s.MigrationTag
	}
	if v == nil {
		return view
	}
	view["bindings"] = bindingViews(v)
	view["compatibility_date"], view["compatibility_flags"], view["limits"] = v.CompatibilityDate, flags(v), v.Limits
	view["placement"] = map[string]any{}
	if present(v.Placement) {
		view["placement"] = v.Placement
	}
	return view
}

// newest returns the script in the path and its newest version, nil when it has none.
func (k *call) newest() (s *script.Script, v *script.Version, err error) {
	err = k.view(func(tx *script.Tx) error {
		if s, err = tx.Script(k.account, k.params["script"]); err != nil || s.Latest == "" {
			return err
		}
		v, err = tx.Version(k.account, s.Name, s.Latest)
		return err
	})
	return s, v, err
}

func getSettings(k *call) (any, error) {
	s, v, err := k.newest()
	if err != nil {
		return nil, err
	}
	return settingsView(s, v), nil
}

// settingsInput is what PATCH settings may change. Absent fields stay.
type settingsInput struct {
	scriptSettingsInput
	Bindings           *[]json.RawMessage `json:"bindings"`
	CompatibilityDate  *string            `json:"compatibility_date"`
	CompatibilityFlags *[]string          `json:"compatibility_flags"`
	Limits             *script.Limits     `json:"limits"`
	Placement          json.RawMessage    `json:"placement"`
}

// patchSettings changes settings of the newest version, as a new version that is
// deployed, and settings of the script. The new list of bindings is complete; an item
// that says no more than name and type stands for the binding as it is.
func patchSettings(k *call) (any, error) {
	body, err := k.body()
	if err != nil {
		return nil, err
	}
	if contentType := string(k.http.Request.Header.ContentType()); isForm(contentType) {
		parts, err := parseForm(contentType, body)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(parts, func(p part) bool { return p.name == "settings" })
		if at < 0 {
			return nil, badRequest("the form has no part named settings")
		}
		body = parts[at].content
	}
	var in settingsInput
	if err := decodeJSON("settings", body, &in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var bindings []script.Binding
	if in.Bindings != nil {
		for _, item := range *in.Bindings {
			b, err := parseKept(item)
			if err != nil {
				return nil, err
			}
			bindings = append(bindings, b)
		}
	}
	others := in.CompatibilityDate != nil || in.CompatibilityFlags != nil || in.Limits != nil || len(in.Placement) > 0
	trigger := "settings"
	if !others {
		trigger = "secret" // older clients change secrets so
	}
	err = k.update(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil {
			return err
		}
		if in.Bindings != nil || others {
			if _, err := k.derive(tx, s, trigger, nil, true, func(v *script.Version) error {
				in.edit(v, bindings)
				return nil
			}); err != nil {
				return err
			}
			if s, err = tx.Script(k.account, s.Name); err != nil {
				return err
			}
		}
		if in.configure(s) {
			return tx.SaveScript(s)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return getSettings(k)
}

func (in *settingsInput) edit(v *script.Version, bindings []script.Binding) {
	if in.Bindings != nil {
		v.Bindings = bindings
	}
	if in.CompatibilityDate != nil {
		v.CompatibilityDate = *in.CompatibilityDate
	}
	if in.CompatibilityFlags != nil {
		v.CompatibilityFlags = *in.CompatibilityFlags
	}
	if in.Limits != nil {
		v.Limits = *in.Limits
	}
	if len(in.Placement) > 0 {
		v.Placement = in.Placement
	}
}

// parseKept parses a binding of which name and type alone mean "as it is".
func parseKept(item []byte) (script.Binding, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(item, &fields) == nil && len(fields) == 2 && fields["name"] != nil && fields["type"] != nil {
		var kept script.Binding
		if json.Unmarshal(fields["name"], &kept.Name) == nil && json.Unmarshal(fields["type"], &kept.Type) == nil &&
			kept.Type != script.Assets && kept.Type != script.VersionMetadata {
			return script.Binding{Name: kept.Name, Type: script.Inherit}, nil
		}
	}
	return script.ParseBinding(item)
}

// scriptSettingsInput is what PATCH script-settings may change. Absent fields stay.
type scriptSettingsInput struct {
	Logpush       *bool           `json:"logpush"`
	Tags          *[]string       `json:"tags"`
	Observability json.RawMessage `json:"observability"`
	TailConsumers json.RawMessage `json:"tail_consumers"`
	Provisioned   *int            `json:"provisioned"`
	Concurrency   *int            `json:"concurrency"`
	Host          *string         `json:"host"`
}

func (in *scriptSettingsInput) check() error {
	if present(in.Observability) && in.Observability[0] != '{' {
		return badRequest("\"observability\" must be an object")
	}
	if present(in.TailConsumers) && in.TailConsumers[0] != '[' {
		return badRequest("\"tail_consumers\" must be an array")
	}
	return in.metadata().checkCounts()
}

// metadata is the input as an upload brings it.
func (in *scriptSettingsInput) metadata() *uploadMetadata {
	return &uploadMetadata{Tags: in.Tags, Logpush: in.Logpush, Observability: in.Observability, TailConsumers: in.TailConsumers,
		Provisioned: in.Provisioned, Concurrency: in.Concurrency, Host: in.Host}
}

func (in *scriptSettingsInput) configure(s *script.Script) bool { return in.metadata().configure(s) }

func getScriptSettings(k *call) (any, error) {
	s, err := k.script()
	if err != nil {
		return nil, err
	}
	return scriptSettingsView(s), nil
}

func patchScriptSettings(k *call) (any, error) {
	var in scriptSettingsInput
	if err := k.json(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var view map[string]any
	err := k.update(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil {
			return err
		}
		changed := in.configure(s)
		view = scriptSettingsView(s)
		if !changed {
			return nil
		}
		return tx.SaveScript(s)
	})
	return view, err
}
