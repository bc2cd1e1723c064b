package control

import (
	"github.com/mayfly-edge/mayfly/runtime/script"
)

func domainView(d *script.Domain) map[string]any {
	zone := d.Zone
	if zone == "" {
		zone = d.Hostname
	}
	return map[string]any{
		"id": d.ID, "hostname": d.Hostname, "service": d.Script, "environment": "production",
		"zone_id": zoneID(d.Account, zone), "zone_name": zone, "enabled": d.Enabled, "previews_enabled": d.Previews,
	}
}

// domainInput is a custom domain as clients send it.
type domainInput struct {
	Hostname string `json:"hostname"`
	ZoneID   string `json:"zone_id"`
	ZoneName string `json:"zone_name"`
	Enabled  *bool  `json:"enabled"`
	Previews *bool  `json:"previews_enabled"`
}

func (in domainInput) domain() (script.Domain, error) {
	name, err := script.CheckHostname(in.Hostname)
	return script.Domain{
		Hostname: name, Zone: in.ZoneName,
		Enabled: in.Enabled == nil || *in.Enabled, Previews: in.Previews != nil && *in.Previews,
	}, err
}

func domains(in []domainInput) ([]script.Domain, error) {
	var all []script.Domain
	for _, d := range in {
		domain, err := d.domain()
		if err != nil {
			return nil, err
		}
		all = append(all, domain)
	}
	return all, nil
}

// listDomains lists custom domains, of one script with ?service=.
func listDomains(k *call) (any, error) {
	views := []map[string]any{}
	err := k.view(func(tx *script.Tx) error {
		all, err := tx.Domains(k.account)
		for _, d := range all {
			if service := k.query.Get("service"); service != "" && service != d.Script {
				continue
			}
			if host := k.query.Get("hostname"); host != "" && host != d.Hostname {
				continue
			}
			views = append(views, domainView(d))
		}
		return err
	})
	return views, err
}

func getDomain(k *call) (any, error) {
	var found *script.Domain
	err := k.view(func(tx *script.Tx) error {
		all, err := tx.Domains(k.account)
		for _, d := range all {
			if d.ID == k.params["domain"] {
				found = d
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, script.Errorf(script.UnknownDomain, "custom domain %q does not exist", k.params["domain"])
	}
	return domainView(found), nil
}

// planDomains tells what putDomains with the same domains would do.
func planDomains(k *call) (any, error) {
	var in []domainInput
	if err := k.json(&in); err != nil {
		return nil, err
	}
	wanted, err := domains(in)
	if err != nil {
		return nil, err
	}
	added, updated, removed, conflicting := []any{}, []any{}, []any{}, []any{}
	err = k.view(func(tx *script.Tx) error {
		name := k.params["script"]
		if _, err := tx.Script(k.account, name); err != nil {
			return err
		}
		kept := map[string]bool{}
		for _, d := range wanted {
			kept[d.Hostname] = true
			old, err := tx.Domain(d.Hostname)
			if err != nil {
				return err
			}
			switch {
			case old == nil:
				d.Account, d.Script = k.account, name
				added = append(added, domainView(&d))
			case old.Account != k.account:
				return script.Errorf(script.RouteTaken, "the host %q belongs to another account", d.Hostname)
			default:
				view := domainView(old)
				view["modified"] = old.Script != name
				updated = append(updated, view)
			}
		}
		all, err := tx.Domains(k.account)
		if k.flag("replace_state") {
			for _, d := range all {
				if d.Script == name && !kept[d.Hostname] {
					removed = append(removed, domainView(d))
				}
			}
		}
		return err
	})
	return map[string]any{"added": added, "updated": updated, "removed": removed, "conflicting": conflicting}, err
}

// putDomains replaces all custom domains of a script. A host that another script of the
// account has is moved only when the client says so.
func putDomains(k *call) (any, error) {
	var in struct {
		Override bool          `json:"override_existing_origin"`
		Origins  []domainInput `json:"origins"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	wanted, err := domains(in.Origins)
	if err != nil {
		return nil, err
	}
	err = k.update(func(tx *script.Tx) error {
		name := k.params["script"]
		if _, err := tx.Script(k.account, name); err != nil {
			return err
		}
		for _, d := range wanted {
			old, err := tx.Domain(d.Hostname)
			if err != nil {
				return err
			}
			if old != nil && old.Account == k.account && old.Script != name && !in.Override {
				return script.Errorf(script.RouteTaken, "the custom domain %q belongs to the Worker %q", d.Hostname, old.Script)
			}
		}
		return tx.SetDomains(k.account, name, wanted)
	})
	if err != nil {
		return nil, err
	}
	k.query.Set("service", k.params["script"])
	return listDomains(k)
}
