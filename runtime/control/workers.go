package control

import (
	"net/url"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// getWorker describes a script and the addresses it answers at.
func getWorker(k *call) (any, error) {
	s, err := k.script()
	if err != nil {
		return nil, err
	}
	subdomain := map[string]any{"enabled": s.Subdomain.Enabled, "previews_enabled": s.Subdomain.Previews}
	if k.Address != nil {
		if u, err := url.Parse(k.Address(s.Name)); err == nil && u.Host != "" {
			subdomain["url"] = u.String()
			subdomain["preview_url_suffix"] = "-" + u.Host
		}
	}
	return map[string]any{
		"id": s.Tag, "name": s.Name, "tags": append([]string{}, s.Tags...), "logpush": s.Settings.Logpush,
		"created_on": stamp(s.CreatedOn), "updated_on": stamp(s.ModifiedOn), "subdomain": subdomain,
		"observability": scriptSettingsView(s)["observability"], "references": map[string]any{},
	}, nil
}

// patchLatest makes a version with other variables and secrets of the newest one,
// without deploying it.
func patchLatest(k *call) (any, error) {
	var in struct {
		Env         map[string]*secretInput `json:"env"`
		Annotations map[string]string       `json:"annotations"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	e, err := parseSecrets(in.Env)
	if err != nil {
		return nil, err
	}
	v, err := k.editSecrets(e, in.Annotations, false)
	if err != nil {
		return nil, err
	}
	s, err := k.script()
	if err != nil {
		return nil, err
	}
	return versionView(s, v), nil
}

// releaseScript lets a script run again that was taken out of service.
func releaseScript(k *call) (any, error) {
	s, err := k.script()
	if err != nil {
		return nil, err
	}
	if k.Strikes == nil {
		return nil, unsupported("Releasing a script from containment is")
	}
	if err := k.Strikes.Release(k.ctx, k.account, s.Name); err != nil {
		return nil, err
	}
	return nil, k.update(func(tx *script.Tx) error {
		tx.Record(k.account, "script.release", s.Name, "")
		return nil
	})
}
