package control

import (
	"github.com/mayfly-edge/mayfly/runtime/script"
)

func accountView(a *script.Account) map[string]any {
	return map[string]any{"id": a.ID, "name": a.Name, "type": "standard", "created_on": stamp(a.CreatedOn)}
}

// listAccounts lists the accounts that the token is for.
func listAccounts(k *call) (any, error) {
	all, err := k.accounts()
	if err != nil {
		return nil, err
	}
	var views []map[string]any
	for _, a := range all {
		views = append(views, accountView(a))
	}
	return paginate(k, views)
}

func getAccount(k *call) (any, error) {
	var a *script.Account
	err := k.view(func(tx *script.Tx) (err error) {
		a, err = tx.Account(k.account)
		return err
	})
	if err != nil {
		return nil, err
	}
	return accountView(a), nil
}

// listMemberships is listAccounts in the form of memberships of a user.
func listMemberships(k *call) (any, error) {
	all, err := k.accounts()
	if err != nil {
		return nil, err
	}
	var views []map[string]any
	for _, a := range all {
		views = append(views, map[string]any{"id": a.ID, "status": "accepted", "account": accountView(a), "roles": []string{"Administrator"}})
	}
	return paginate(k, views)
}

// createAccount adds an account. Only a token for all accounts may.
func createAccount(k *call) (any, error) {
	if k.token.Account != "" {
		return nil, &apiError{403, codeAuthentication, "Authentication error: a token for all accounts is needed here"}
	}
	var in struct {
		Name string `json:"name"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	var a *script.Account
	err := k.update(func(tx *script.Tx) (err error) {
		a, err = tx.CreateAccount(in.Name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return accountView(a), nil
}
