package control

import (
	"bytes"
	"mime/multipart"
	"net/textproto"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func scriptView(s *script.Script, v *script.Version) map[string]any {
	view := map[string]any{
		"id": s.Name, "tag": s.Tag, "tags": s.Tags, "created_on": stamp(s.CreatedOn), "modified_on": stamp(s.ModifiedOn),
		"usage_model": "standard", "logpush": s.Settings.Logpush, "last_deployed_from": "wrangler",
	}
	if s.MigrationTag != "" {
		view["migration_tag"] = s.MigrationTag
	}
	if v != nil {
		view["etag"], view["handlers"] = v.ETag, handlers(v)
		view["has_assets"], view["has_modules"] = v.Assets != nil, v.Format == script.Modules
		view["compatibility_date"], view["compatibility_flags"] = v.CompatibilityDate, flags(v)
	}
	return view
}

func handlers(v *script.Version) []string { return append([]string{}, v.Handlers...) }

func flags(v *script.Version) []string { return append([]string{}, v.CompatibilityFlags...) }

func listScripts(k *call) (any, error) {
	views := []map[string]any{}
	err := k.view(func(tx *script.Tx) error {
		all, err := tx.Scripts(k.account)
		if err != nil {
			return err
		}
		for _, s := range all {
			var v *script.Version
			if s.Latest != "" {
				if v, err = tx.Version(k.account, s.Name, s.Latest); err != nil {
					return err
				}
			}
			views = append(views, scriptView(s, v))
		}
		return nil
	})
	return views, err
}

// putScript uploads a version, creating the script if need be, and deploys it.
func putScript(k *call) (any, error) {
	u, err := k.readUpload()
	if err != nil {
		return nil, err
	}
	s, v, err := k.apply(u, plan{create: true, deploy: true, strict: k.query.Get("bindings_inherit") == "strict"})
	if err != nil {
		return nil, err
	}
	view := scriptView(s, v)
	view["deployment_id"], view["startup_time_ms"], view["entry_point"] = v.ID, millis(v), v.Main
	return view, nil
}

// deleteScript removes a script. One that others are bound to stays, without ?force=true.
func deleteScript(k *call) (any, error) {
	name := k.params["script"]
	err := k.update(func(tx *script.Tx) error {
		if !k.flag("force") {
			refs, err := tx.References(k.account, name)
			if err != nil {
				return err
			}
			if len(refs) > 0 {
				return script.Errorf(script.InUse, "the Worker %q is the target of the service binding %q of the Worker %q: delete that first, or use force",
					name, refs[0].Binding, refs[0].Script)
			}
		}
		return tx.DeleteScript(k.account, name)
	})
	return nil, err
}

// getReferences lists what stands in the way of deleting a script.
func getReferences(k *call) (any, error) {
	incoming := []map[string]any{}
	err := k.view(func(tx *script.Tx) error {
		if _, err := tx.Script(k.account, k.params["script"]); err != nil {
			return err
		}
		refs, err := tx.References(k.account, k.params["script"])
		for _, r := range refs {
			incoming = append(incoming, map[string]any{"name": r.Binding, "service": r.Script, "environment": "production"})
		}
		return err
	})
	return map[string]any{
		"services":        map[string]any{"incoming": incoming, "outgoing": []any{}},
		"durable_objects": []any{}, "dispatch_outbounds": []any{},
	}, err
}

// contentTypes are those that uploads use.
var contentTypes = map[script.ModuleType]string{
	script.ESModule: "application/javascript+module", script.CommonJS: "application/javascript", script.ScriptFile: "application/javascript",
	script.TextFile: "text/plain", script.DataFile: "application/octet-stream", script.JSONFile: "application/json",
	script.WasmFile: "application/wasm", script.SourceMap: "application/source-map",
}

// getContent gives the modules of a version back as they were uploaded.
func getContent(k *call) (any, error) {
	var v *script.Version
	err := k.view(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil {
			return err
		}
		id := k.query.Get("version")
		if id == "" {
			id = s.Latest
		}
		v, err = tx.LoadVersion(k.account, s.Name, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, m := range v.Modules {
		p, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fileName(m.Name)}, "Content-Type": {contentTypes[m.Type]}})
		if err == nil {
			_, err = p.Write(m.Content)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return raw{contentType: w.FormDataContentType(), header: [][2]string{{"cf-entrypoint", v.Main}}, body: buf.Bytes()}, nil
}
