package control

import (
	"time"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func tokenView(t *script.Token) map[string]any {
	view := map[string]any{"id": t.ID, "name": t.Name, "account": t.Account, "scopes": t.Scopes, "created_on": stamp(t.CreatedOn)}
	if !t.ExpiresOn.IsZero() {
		view["expires_on"] = stamp(t.ExpiresOn)
	}
	return view
}

// listTokens lists the tokens of the account. Nobody can read a token's text again.
func listTokens(k *call) (any, error) {
	views := []map[string]any{}
	err := k.view(func(tx *script.Tx) error {
		all, err := tx.Tokens(k.account)
		for _, t := range all {
			views = append(views, tokenView(t))
		}
		return err
	})
	return views, err
}

// createToken makes a token for the account and answers its text, once.
func createToken(k *call) (any, error) {
	var in struct {
		Name      string         `json:"name"`
		Scopes    []script.Scope `json:"scopes"`
		ExpiresOn time.Time      `json:"expires_on"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	t := &script.Token{Name: in.Name, Account: k.account, Scopes: in.Scopes, ExpiresOn: in.ExpiresOn}
	var text string
	err := k.update(func(tx *script.Tx) (err error) {
		text, err = tx.CreateToken(t)
		return err
	})
	if err != nil {
		return nil, err
	}
	view := tokenView(t)
	view["value"] = text
	return view, nil
}

func revokeToken(k *call) (any, error) {
	id := k.params["token"]
	if err := k.update(func(tx *script.Tx) error { return tx.RevokeToken(k.account, id) }); err != nil {
		return nil, err
	}
	return map[string]any{"id": id}, nil
}
