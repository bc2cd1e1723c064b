package control

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// secretInput is a secret as clients send it. Its value is never logged or answered.
type secretInput struct {
	Name string  `json:"name"`
	Type string  `json:"type"`
	Text *string `json:"text"`
}

// binding checks the input and makes a binding of it.
func (in secretInput) binding() (script.Binding, error) {
	if in.Type != "" && in.Type != string(script.SecretText) {
		return script.Binding{}, script.Errorf(script.UnsupportedBinding, "secret %q has type %q, which Mayfly does not support: use secret_text", in.Name, in.Type)
	}
	if in.Text == nil {
		return script.Binding{}, script.Errorf(script.BadBinding, "secret %q has no text", in.Name)
	}
	text, err := json.Marshal(map[string]any{"name": in.Name, "type": script.SecretText, "text": *in.Text})
	if err != nil {
		return script.Binding{}, err
	}
	return script.ParseBinding(text)
}

func secretView(name string) map[string]any {
	return map[string]any{"name": name, "type": script.SecretText}
}

// listSecrets lists the names of the secrets of the newest version.
func listSecrets(k *call) (any, error) {
	views := []map[string]any{}
	err := k.view(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil || s.Latest == "" {
			return err
		}
		v, err := tx.Version(k.account, s.Name, s.Latest)
		if err != nil {
			return err
		}
		for _, b := range v.Bindings {
			if b.Type == script.SecretText {
				views = append(views, secretView(b.Name))
			}
		}
		return nil
	})
	return views, err
}

// A secretEdit sets secrets (a binding) or removes them (nil).
type secretEdit map[string]*script.Binding

// apply changes v's bindings. A name that is another kind of binding is refused, since
// a deploy of the same configuration would undo it.
func (e secretEdit) apply(v *script.Version) error {
	for _, name := range slices.Sorted(maps.Keys(e)) { // so that a version does not depend on chance
		b := e[name]
		at := slices.IndexFunc(v.Bindings, func(old script.Binding) bool { return old.Name == name })
		switch {
		case at >= 0 && v.Bindings[at].Type != script.SecretText:
			return script.Errorf(script.BadBinding, "Binding name '%s' already in use by a binding of type %s. Please use a different name and try again.", name, v.Bindings[at].Type)
		case at >= 0 && b == nil:
			v.Bindings = slices.Delete(v.Bindings, at, at+1)
		case at >= 0:
			v.Bindings[at] = *b
		case b != nil:
			v.Bindings = append(v.Bindings, *b)
		}
	}
	return nil
}

// editSecrets makes a version with changed secrets of the newest one.
func (k *call) editSecrets(e secretEdit, annotations map[string]string, deploy bool) (v *script.Version, err error) {
	err = k.update(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil {
			return err
		}
		v, err = k.derive(tx, s, "secret", annotations, deploy, e.apply)
		return err
	})
	return v, err
}

func putSecret(k *call) (any, error) {
	var in secretInput
	if err := k.json(&in); err != nil {
		return nil, err
	}
	b, err := in.binding()
	if err != nil {
		return nil, err
	}
	if _, err := k.editSecrets(secretEdit{b.Name: &b}, nil, true); err != nil {
		return nil, err
	}
	return secretView(b.Name), nil
}

func deleteSecret(k *call) (any, error) {
	name := k.params["secret"]
	err := k.update(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil {
			return err
		}
		_, err = k.derive(tx, s, "secret", nil, true, func(v *script.Version) error {
			if b := v.Binding(name); b == nil || b.Type != script.SecretText {
				return script.Errorf(script.UnknownSecret, "the Worker %q has no secret %q", s.Name, name)
			}
			return secretEdit{name: nil}.apply(v)
		})
		return err
	})
	return nil, err
}

// parseSecrets reads a merge patch: null removes.
func parseSecrets(in map[string]*secretInput) (secretEdit, error) {
	e := secretEdit{}
	for name, s := range in {
		if s == nil {
			e[name] = nil
			continue
		}
		if s.Name == "" {
			s.Name = name
		}
		if s.Name != name {
			return nil, script.Errorf(script.BadBinding, "secret %q is named %q inside", name, s.Name)
		}
		b, err := s.binding()
		if err != nil {
			return nil, err
		}
		e[name] = &b
	}
	return e, nil
}

func bulkSecrets(k *call) (any, error) {
	var in struct {
		Secrets map[string]*secretInput `json:"secrets"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	if in.Secrets == nil {
		return nil, badRequest("\"secrets\" is missing")
	}
	e, err := parseSecrets(in.Secrets)
	if err != nil {
		return nil, err
	}
	if _, err := k.editSecrets(e, nil, true); err != nil {
		return nil, err
	}
	return listSecrets(k)
}
