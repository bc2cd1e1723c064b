package client

import (
	"context"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// A Token is an API token.
type Token struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Scopes    []script.Scope `json:"scopes"`
	CreatedOn time.Time      `json:"created_on"`
	ExpiresOn time.Time      `json:"expires_on,omitzero"`
	// Value is the token itself, known only when it is made.
	Value string `json:"value,omitempty"`
}

// Tokens lists the account's tokens.
func (c *Client) Tokens(ctx context.Context) ([]Token, error) {
	all := []Token{}
	_, err := c.ask(ctx, request{method: "GET", path: c.inAccount("mayfly", "tokens")}, &all)
	return all, err
}

// CreateToken makes a token. A zero expires means never.
func (c *Client) CreateToken(ctx context.Context, name string, scopes []script.Scope, expires time.Time) (*Token, error) {
	in := map[string]any{"name": name, "scopes": scopes}
	if !expires.IsZero() {
		in["expires_on"] = expires.UTC().Format(time.RFC3339)
	}
	t := new(Token)
	_, err := c.ask(ctx, request{method: "POST", path: c.inAccount("mayfly", "tokens"), json: in}, t)
	return t, err
}

// RevokeToken makes a token invalid.
func (c *Client) RevokeToken(ctx context.Context, id string) error {
	_, err := c.ask(ctx, request{method: "DELETE", path: c.inAccount("mayfly", "tokens", id)}, nil)
	return err
}
