package control

import (
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// getRoutes lists the routes of a script.
func getRoutes(k *call) (any, error) {
	views := []map[string]any{}
	err := k.view(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil {
			return err
		}
		all, err := tx.Routes(k.account)
		for _, r := range all {
			if r.Script == s.Name {
				view := routeView(r)
				view["zone_name"] = patternHost(r.Pattern)
				views = append(views, view)
			}
		}
		return err
	})
	return views, err
}

// putRoutes replaces all routes of a script.
func putRoutes(k *call) (any, error) {
	var in []struct {
		Pattern string `json:"pattern"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	patterns := make([]string, len(in))
	for i, r := range in {
		patterns[i] = r.Pattern
	}
	err := k.update(func(tx *script.Tx) error {
		if _, err := tx.Script(k.account, k.params["script"]); err != nil {
			return err
		}
		return tx.SetRoutes(k.account, k.params["script"], patterns)
	})
	if err != nil {
		return nil, err
	}
	return getRoutes(k)
}
