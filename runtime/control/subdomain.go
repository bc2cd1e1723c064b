package control

import (
	"strings"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// accountSubdomain is what wrangler is told to be the account's part of addresses. The
// real address of a script is Options.Address.
const accountSubdomain = "mayfly"

// getAccountSubdomain always succeeds: without it a deploy stops after the upload.
func getAccountSubdomain(*call) (any, error) {
	return map[string]any{"subdomain": accountSubdomain}, nil
}

func setAccountSubdomain(k *call) (any, error) {
	var in struct {
		Subdomain string `json:"subdomain"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	if !strings.EqualFold(in.Subdomain, accountSubdomain) {
		return nil, unsupported("Choosing an account subdomain is (scripts answer below the server's --domain, so it is)")
	}
	return getAccountSubdomain(k)
}

func getScriptSubdomain(k *call) (any, error) {
	s, err := k.script()
	if err != nil {
		return nil, err
	}
	return s.Subdomain, nil
}

// setScriptSubdomain turns the script's own host names on or off. Previews follow
// enabled unless they are set.
func setScriptSubdomain(k *call) (any, error) {
	var in struct {
		Enabled  *bool `json:"enabled"`
		Previews *bool `json:"previews_enabled"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	if in.Enabled == nil {
		return nil, badRequest("\"enabled\" is missing")
	}
	if in.Previews == nil {
		in.Previews = in.Enabled
	}
	to := script.Subdomain{Enabled: *in.Enabled, Previews: *in.Previews}
	err := k.update(func(tx *script.Tx) error {
		s, err := tx.Script(k.account, k.params["script"])
		if err != nil || s.Subdomain == to {
			return err
		}
		s.Subdomain = to
		return tx.SaveScript(s)
	})
	if err != nil {
		return nil, err
	}
	return to, nil
}
