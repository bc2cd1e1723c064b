package control

import (
	"encoding/json"
	"fmt"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// versionView is a version as answers give it. has_preview is set when the version
// answers at an address of its own.
func versionView(s *script.Script, v *script.Version) map[string]any {
	runtime := map[string]any{
		"compatibility_date": v.CompatibilityDate, "compatibility_flags": flags(v), "usage_model": "standard", "limits": v.Limits,
	}
	return map[string]any{
		"id": v.ID, "number": v.Number,
		"metadata": map[string]any{
			"created_on": stamp(v.CreatedOn), "modified_on": stamp(v.CreatedOn), "source": v.Source,
			"author_id": "", "author_email": author(v.Author), "has_preview": s.Subdomain.Previews,
		},
		"annotations": v.Annotations,
		"resources": map[string]any{
			"bindings":       bindingViews(v),
			"script":         map[string]any{"etag": v.ETag, "handlers": handlers(v), "last_deployed_from": v.Source},
			"script_runtime": runtime,
		},
		"startup_time_ms": millis(v),
	}
}

// bindingViews are bindings as answers give them: without secrets.
func bindingViews(v *script.Version) []map[string]any {
	views := []map[string]any{}
	for _, b := range v.Bindings {
		views = append(views, bindingView(b))
	}
	return views
}

func bindingView(b script.Binding) map[string]any {
	view := map[string]any{"name": b.Name, "type": b.Type}
	set := func(name, value string) {
		if value != "" {
			view[name] = value
		}
	}
	switch b.Type {
	case script.PlainText:
		view["text"] = b.Text
	case script.JSON:
		view["json"] = b.JSON
	case script.SecretText:
		return view
	}
	set("namespace_id", b.NamespaceID)
	set("service", b.Service)
	set("environment", b.Environment)
	set("entrypoint", b.Entrypoint)
	set("part", b.Part)
	if len(b.Props) > 0 {
		view["props"] = json.RawMessage(b.Props)
	}
	return view
}

func listVersions(k *call) (any, error) {
	items := []map[string]any{}
	err := k.view(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil {
			return err
		}
		all, err := tx.Versions(k.account, s.Name)
		for _, v := range all {
			items = append(items, versionView(s, v))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	result, err := paginate(k, items)
	if err != nil {
		return nil, err
	}
	p := result.(page)
	p.items = map[string]any{"items": p.items}
	return p, nil
}

func getVersion(k *call) (any, error) {
	var view map[string]any
	err := k.view(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil {
			return err
		}
		v, err := tx.Version(k.account, s.Name, k.params["version"])
		if err != nil {
			return err
		}
		view = versionView(s, v)
		return nil
	})
	return view, err
}

// addVersion uploads a version without deploying it.
func addVersion(k *call) (any, error) {
	u, err := k.readUpload()
	if err != nil {
		return nil, err
	}
	s, v, err := k.apply(u, plan{strict: k.query.Get("bindings_inherit") == "strict"})
	if err != nil {
		return nil, err
	}
	return versionView(s, v), nil
}

// derive stores a version that differs from the newest one in its bindings only, and
// deploys it when asked. edit gets the newest version, with secrets open and no modules,
// and changes its Bindings.
func (k *call) derive(tx *script.Tx, s *script.Script, trigger string, annotations map[string]string, deploy bool, edit func(*script.Version) error) (*script.Version, error) {
	if s.Latest == "" {
		return nil, &apiError{404, 10222, fmt.Sprintf("The Worker %q has no uploaded versions", s.Name)}
	}
	if deploy {
		if err := deployedLatest(tx, s); err != nil {
			return nil, err
		}
	}
	v, err := tx.LoadVersion(s.Account, s.Name, s.Latest)
	if err != nil {
		return nil, err
	}
	before := v
	copied := *v
	v = &copied
	v.Bindings = append([]script.Binding(nil), v.Bindings...)
	if err := edit(v); err != nil {
		return nil, err
	}
	if err := v.Resolve(before, nil, true); err != nil {
		return nil, err
	}
	actor := k.actor()
	v.Source, v.Author, v.Annotations = actor.Source, actor.Name, annotate(annotations, trigger)
	if err := tx.AddVersion(v); err != nil {
		return nil, err
	}
	if deploy {
		err = tx.Deploy(s.Account, s.Name, &script.Deployment{Versions: whole(v.ID), Annotations: annotate(annotations, trigger)})
	}
	return v, err
}

// deployedLatest refuses to build on a newest version that does not have all traffic:
// deploying it as a side effect would surprise.
func deployedLatest(tx *script.Tx, s *script.Script) error {
	d, err := tx.ActiveDeployment(s.Account, s.Name)
	if err != nil && d == nil && !isKind(err, script.UnknownDeployment) {
		return err
	}
	if d == nil || len(d.Versions) != 1 || d.Versions[0].VersionID != s.Latest {
		return script.Errorf(script.LatestNotDeployed, "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed. "+
			"Please ensure that the latest version of your Worker is fully deployed, or use `wrangler versions secret` to create a version without deploying it.")
	}
	return nil
}
