package control

import (
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// environmentView is the one environment that every script has.
func environmentView(s *script.Script, v *script.Version) map[string]any {
	return map[string]any{
		"environment": "production", "created_on": stamp(s.CreatedOn), "modified_on": stamp(s.ModifiedOn), "script": scriptView(s, v),
	}
}

// getService describes a script in the form of a service with environments. It says
// that wrangler deployed it last: any other answer makes wrangler ask before a deploy.
func getService(k *call) (any, error) {
	s, v, err := k.newest()
	if err != nil {
		return nil, err
	}
	environment := environmentView(s, v)
	return map[string]any{
		"id": s.Name, "created_on": stamp(s.CreatedOn), "modified_on": stamp(s.ModifiedOn),
		"default_environment": environment, "environments": []any{environment},
	}, nil
}

func getEnvironment(k *call) (any, error) {
	s, v, err := k.newest()
	if err != nil {
		return nil, err
	}
	return environmentView(s, v), nil
}

func getBindings(k *call) (any, error) {
	_, v, err := k.newest()
	if err != nil || v == nil {
		return []any{}, err
	}
	return bindingViews(v), nil
}
