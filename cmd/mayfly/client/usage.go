package client

import (
	"context"
	"net/url"

	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/ledger"
)

// Usage returns what was used; see runtime.Runtime.Usage for the query.
func (c *Client) Usage(ctx context.Context, query url.Values) (*ledger.Result, error) {
	out := new(ledger.Result)
	_, err := c.ask(ctx, request{method: "GET", path: c.inAccount("mayfly", "usage"), query: query}, out)
	return out, err
}

// Invoice returns what that costs; see runtime.Runtime.Invoice for the query.
func (c *Client) Invoice(ctx context.Context, query url.Values) (*runtime.Invoice, error) {
	out := new(runtime.Invoice)
	_, err := c.ask(ctx, request{method: "GET", path: c.inAccount("mayfly", "invoice"), query: query}, out)
	return out, err
}
