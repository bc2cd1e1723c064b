package control

import (
	"bytes"
	"errors"
	"strings"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func isKind(err error, kind script.Kind) bool { return errors.Is(err, kind) }

func deploymentView(d *script.Deployment) map[string]any {
	return map[string]any{
		"id": d.ID, "source": d.Source, "strategy": "percentage", "author_email": author(d.Author),
		"created_on": stamp(d.CreatedOn), "annotations": d.Annotations, "versions": d.Versions,
	}
}

// listDeployments lists deployments, newest first.
func listDeployments(k *call) (any, error) {
	views := []map[string]any{}
	err := k.view(func(tx *script.Tx) error {
		if _, err := tx.Script(k.account, k.params["script"]); err != nil {
			return err
		}
		all, err := tx.Deployments(k.account, k.params["script"])
		for _, d := range all {
			views = append(views, deploymentView(d))
		}
		return err
	})
	return map[string]any{"deployments": views}, err
}

// addDeployment changes which versions get traffic.
func addDeployment(k *call) (any, error) {
	var in struct {
		Strategy    string            `json:"strategy"`
		Versions    []script.Share    `json:"versions"`
		Annotations map[string]string `json:"annotations"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	if in.Strategy != "" && in.Strategy != "percentage" {
		return nil, script.Errorf(script.BadDeployment, "strategy %q is not known, use percentage", in.Strategy)
	}
	var d *script.Deployment
	err := k.update(func(tx *script.Tx) error {
		name := k.params["script"]
		s, err := tx.Script(k.account, name)
		if err != nil {
			return err
		}
		// A client that deploys uploads a version and then gives it all traffic.
		trigger := "promotion"
		if len(in.Versions) == 1 && in.Versions[0].VersionID == s.Latest {
			trigger = "upload"
		}
		rollback, err := goesBack(tx, k.account, name, in.Versions)
		if err != nil {
			return err
		}
		if rollback != nil {
			trigger = "rollback"
			if len(rollback.secrets) > 0 && !k.flag("force") {
				return script.Errorf(script.SecretsChanged, "Secrets have changed since this version was uploaded. The following secrets have changed: %s",
					strings.Join(rollback.secrets, ", "))
			}
		}
		d = &script.Deployment{Versions: in.Versions, Annotations: annotate(in.Annotations, trigger)}
		return tx.Deploy(k.account, name, d)
	})
	if err != nil {
		return nil, err
	}
	return deploymentView(d), nil
}

// A rollback is a deployment of one version older than the one that is deployed.
type rollback struct {
	secrets []string // that differ between the two
}

// goesBack returns nil for a deployment that is not a rollback.
func goesBack(tx *script.Tx, account, name string, shares []script.Share) (*rollback, error) {
	active, err := tx.ActiveDeployment(account, name)
	if isKind(err, script.UnknownDeployment) || err == nil && (len(shares) != 1 || len(active.Versions) != 1) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	to, err := tx.Version(account, name, shares[0].VersionID)
	if err != nil {
		return nil, err
	}
	from, err := tx.Version(account, name, active.Versions[0].VersionID)
	if err != nil || to.Number >= from.Number {
		return nil, err
	}
	r := &rollback{}
	for _, b := range from.Bindings {
		// A secret that was carried over has the very same sealed bytes.
		if old := to.Binding(b.Name); b.Type == script.SecretText && (old == nil || !bytes.Equal(old.Sealed, b.Sealed)) {
			r.secrets = append(r.secrets, b.Name)
		}
	}
	for _, b := range to.Bindings {
		if b.Type == script.SecretText && from.Binding(b.Name) == nil {
			r.secrets = append(r.secrets, b.Name)
		}
	}
	return r, nil
}
