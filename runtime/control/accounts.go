package control

import (
	"github.com/mayfly-edge/mayfly/runtime/script"
)

func accountView(a *script.Account) map[string]any {
	view := map[string]any{"id": a.ID, "name": a.Name, "type": "standard", "created_on": stamp(a.CreatedOn)}
	if a.MaxScripts > 0 {
		view["max_scripts"] = a.MaxScripts
	}
	if a.Concurrency > 0 {
		view["concurrency"] = a.Concurrency
	}
	return view
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

// accountInput is what may be set of an account. Absent fields stay; a limit of 0 is the
// server's default.
type accountInput struct {
	Name        *string `json:"name"`
	MaxScripts  *int    `json:"max_scripts"`
	Concurrency *int    `json:"concurrency"`
}

// mostOfAccount is the highest limit an account may be given.
const mostOfAccount = 1_000_000

func (in *accountInput) apply(a *script.Account) error {
	for name, limit := range map[string]struct{ from, to *int }{"max_scripts": {in.MaxScripts, &a.MaxScripts}, "concurrency": {in.Concurrency, &a.Concurrency}} {
		if limit.from == nil {
			continue
		}
		if *limit.from < 0 || *limit.from > mostOfAccount {
			return badRequest("%q is %d, it must be from 0 to %d", name, *limit.from, mostOfAccount)
		}
		*limit.to = *limit.from
	}
	if in.Name != nil {
		a.Name = *in.Name
	}
	return nil
}

// createAccount adds an account. Only a token for all accounts may.
func createAccount(k *call) (any, error) {
	return k.setAccount(func(tx *script.Tx, in *accountInput) (*script.Account, error) {
		if in.Name == nil {
			return nil, badRequest("\"name\" is missing")
		}
		return tx.CreateAccount(*in.Name)
	})
}

// patchAccount changes an account's name and limits. Only a token for all accounts may.
func patchAccount(k *call) (any, error) {
	return k.setAccount(func(tx *script.Tx, in *accountInput) (*script.Account, error) {
		if *in == (accountInput{}) {
			return nil, badRequest("nothing is to be changed: give name, max_scripts or concurrency")
		}
		return tx.Account(k.account)
	})
}

// setAccount does what the body says with the account that find returns.
func (k *call) setAccount(find func(*script.Tx, *accountInput) (*script.Account, error)) (any, error) {
	if k.token.Account != "" {
		return nil, errOneAccount
	}
	var in accountInput
	if err := k.json(&in); err != nil {
		return nil, err
	}
	var a *script.Account
	err := k.update(func(tx *script.Tx) (err error) {
		if a, err = find(tx, &in); err != nil {
			return err
		}
		before := *a
		if err := in.apply(a); err != nil || *a == before {
			return err
		}
		return tx.SaveAccount(a)
	})
	if err != nil {
		return nil, err
	}
	return accountView(a), nil
}
