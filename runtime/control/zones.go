package control

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// Mayfly has no zones: a script may have a route on any host that no other account has.
// wrangler asks for the zone of each route, so every host name is a zone, whose id is
// made from account and name and stored nowhere.

func zoneID(account, name string) string {
	sum := sha256.Sum256([]byte("zone\x00" + account + "\x00" + name))
	return hex.EncodeToString(sum[:16])
}

// patternHost returns the host of a route pattern without scheme and wildcard.
func patternHost(pattern string) string {
	if i := strings.Index(pattern, "://"); i >= 0 {
		pattern = pattern[i+3:]
	}
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		pattern = pattern[:i]
	}
	return strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(pattern, "*"), "."))
}

// inZone reports whether the host, or a domain above it, is the zone with that id.
func inZone(account, zone, host string) bool {
	for {
		if zoneID(account, host) == zone {
			return true
		}
		_, above, ok := strings.Cut(host, ".")
		if !ok {
			return false
		}
		host = above
	}
}

// listZones answers any name with a zone of that name.
func listZones(k *call) (any, error) {
	name := strings.ToLower(k.query.Get("name"))
	if name == "" {
		return paginate(k, []any{})
	}
	if _, err := script.CheckHostname(name); err != nil {
		return nil, err
	}
	all, err := k.accounts()
	if err != nil {
		return nil, err
	}
	wanted := k.query.Get("account.id")
	var zones []map[string]any
	for _, a := range all {
		if wanted != "" && wanted != a.ID && !(wanted == script.DefaultAccount && (a.Default || len(all) == 1)) {
			continue
		}
		zones = append(zones, map[string]any{"id": zoneID(a.ID, name), "name": name, "status": "active",
			"account": map[string]any{"id": a.ID, "name": a.Name}})
	}
	return paginate(k, zones)
}

func routeView(r *script.Route) map[string]any {
	return map[string]any{"id": r.ID, "pattern": r.Pattern, "script": r.Script}
}

// listZoneRoutes lists the routes of all hosts in a zone.
func listZoneRoutes(k *call) (any, error) {
	accounts, err := k.accounts()
	if err != nil {
		return nil, err
	}
	views := []map[string]any{}
	for _, a := range accounts {
		var routes []*script.Route
		if err := k.view(func(tx *script.Tx) (err error) {
			routes, err = tx.Routes(a.ID)
			return err
		}); err != nil {
			return nil, err
		}
		for _, r := range routes {
			if inZone(a.ID, k.params["zone"], patternHost(r.Pattern)) {
				views = append(views, routeView(r))
			}
		}
	}
	return views, nil
}

// addZoneRoute adds one route, to a script or (without script) to none.
func addZoneRoute(k *call) (any, error) {
	var in struct {
		Pattern string `json:"pattern"`
		Script  string `json:"script"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	accounts, err := k.accounts()
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if !inZone(a.ID, k.params["zone"], patternHost(in.Pattern)) {
			continue
		}
		var r *script.Route
		err := k.update(func(tx *script.Tx) (err error) {
			r, err = tx.AddRoute(a.ID, in.Script, in.Pattern)
			return err
		})
		if err != nil {
			return nil, err
		}
		return routeView(r), nil
	}
	return nil, script.Errorf(script.BadRoute, "the route pattern %q is not in this zone", in.Pattern)
}

func removeZoneRoute(k *call) (any, error) {
	accounts, err := k.accounts()
	if err != nil {
		return nil, err
	}
	id := k.params["route"]
	err = k.update(func(tx *script.Tx) error {
		for _, a := range accounts {
			routes, err := tx.Routes(a.ID)
			if err != nil {
				return err
			}
			for _, r := range routes {
				if r.ID == id && inZone(a.ID, k.params["zone"], patternHost(r.Pattern)) {
					return tx.RemoveRoute(a.ID, id)
				}
			}
		}
		return script.Errorf(script.UnknownRoute, "route %q does not exist in this zone", id)
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"id": id}, nil
}
