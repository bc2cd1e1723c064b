package client

import "context"

// An Account owns workers, KV namespaces and tokens. Limits of 0 are the server's.
type Account struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Concurrency int    `json:"concurrency,omitempty"`
	MaxScripts  int    `json:"max_scripts,omitempty"`
}

// Accounts lists the accounts that the token is for.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	all := []Account{}
	_, err := c.ask(ctx, request{method: "GET", path: "/accounts"}, &all)
	return all, err
}

// accountLimits are the limits that are to be set; nil leaves one as it is.
func accountLimits(concurrency, maxScripts *int) map[string]any {
	in := map[string]any{}
	if concurrency != nil {
		in["concurrency"] = *concurrency
	}
	if maxScripts != nil {
		in["max_scripts"] = *maxScripts
	}
	return in
}

// CreateAccount makes an account.
func (c *Client) CreateAccount(ctx context.Context, name string, concurrency, maxScripts *int) (*Account, error) {
	in := accountLimits(concurrency, maxScripts)
	in["name"] = name
	a := new(Account)
	_, err := c.ask(ctx, request{method: "POST", path: "/mayfly/accounts", json: in}, a)
	return a, err
}

// LimitAccount sets limits of the client's account.
func (c *Client) LimitAccount(ctx context.Context, concurrency, maxScripts *int) (*Account, error) {
	a := new(Account)
	_, err := c.ask(ctx, request{method: "PATCH", path: "/mayfly" + c.inAccount(), json: accountLimits(concurrency, maxScripts)}, a)
	return a, err
}
