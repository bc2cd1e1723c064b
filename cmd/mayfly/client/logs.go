package client

import (
	"context"
	"encoding/json"
	"net/url"
)

// Logs returns a page of a script's kept logs, newest first, and the cursor of the next;
// see runtime.Runtime.Logs for the query.
func (c *Client) Logs(ctx context.Context, name string, query url.Values) ([]json.RawMessage, string, error) {
	items := []json.RawMessage{}
	info, err := c.ask(ctx, request{method: "GET", path: c.inAccount("mayfly", "scripts", name, "logs"), query: query}, &items)
	return items, info.Cursor, err
}

// SetObservability sets whether a script's logs are kept, and of which share of its
// invocations, above 0 and up to 1.
func (c *Client) SetObservability(ctx context.Context, name string, enabled bool, rate float64) error {
	in := map[string]any{"observability": map[string]any{"enabled": enabled, "head_sampling_rate": rate}}
	_, err := c.ask(ctx, request{method: "PATCH", path: c.script(name, "script-settings"), json: in}, nil)
	return err
}
