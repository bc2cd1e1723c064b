package script

import (
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// DefaultAccount is accepted wherever an account id is, for the account that a new
// server has.
const DefaultAccount = "default"

// An Account owns scripts, KV namespaces, routes and tokens. Nothing is shared between
// accounts.
type Account struct {
	ID        string    `json:"id"` // 32 hexadecimal digits
	Name      string    `json:"name"`
	Default   bool      `json:"default,omitempty"`
	CreatedOn time.Time `json:"created_on"`
	// MaxScripts and Concurrency limit the account; 0 is the server's default.
	MaxScripts  int `json:"max_scripts,omitempty"`
	Concurrency int `json:"concurrency,omitempty"`
}

func (a *Account) scriptLimit() int {
	if a.MaxScripts > 0 {
		return a.MaxScripts
	}
	return MaxScripts
}

// Account returns the account with that id, or the default one for DefaultAccount.
func (tx *Tx) Account(id string) (*Account, error) {
	if id == DefaultAccount {
		all, err := tx.Accounts()
		if err != nil {
			return nil, err
		}
		for _, a := range all {
			if a.Default {
				return a, nil
			}
		}
		return nil, Errorf(UnknownAccount, "there is no default account")
	}
	a := new(Account)
	err := tx.get(bucketAccount, id, a)
	if err == kv.ErrNotFound {
		return nil, Errorf(UnknownAccount, "account %q does not exist", id)
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// Accounts lists all accounts, the default one first, the others by name.
func (tx *Tx) Accounts() ([]*Account, error) {
	all, err := list[Account](tx, bucketAccount, "")
	sortBy(all, func(a, b *Account) bool {
		if a.Default != b.Default {
			return a.Default
		}
		return a.Name < b.Name
	})
	return all, err
}

// CreateAccount adds an account.
func (tx *Tx) CreateAccount(name string) (*Account, error) { return tx.createAccount(name, false) }

func (tx *Tx) createAccount(name string, isDefault bool) (*Account, error) {
	if err := checkTitle("account name", name, 100); err != nil {
		return nil, err
	}
	a := &Account{ID: NewID(), Name: name, Default: isDefault, CreatedOn: tx.now()}
	return a, tx.saveAccount(a, "account.create")
}

// SaveAccount writes a changed account back.
func (tx *Tx) SaveAccount(a *Account) error {
	if _, err := tx.Account(a.ID); err != nil {
		return err
	}
	if err := checkTitle("account name", a.Name, 100); err != nil {
		return err
	}
	return tx.saveAccount(a, "account.update")
}

func (tx *Tx) saveAccount(a *Account, action string) error {
	tx.audit(a.ID, action, a.Name, "")
	tx.changed(Change{Kind: AccountChanged, Account: a.ID})
	return tx.put(bucketAccount, a.ID, a)
}

// checkTitle is the rule for free names: 1 to limit bytes, no control characters.
func checkTitle(what, title string, limit int) error {
	if strings.TrimSpace(title) == "" || len(title) > limit || strings.ContainsFunc(title, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return Errorf(BadName, "%s %q must be 1 to %d bytes without control characters", what, title, limit)
	}
	return nil
}
