package client

import "context"

// Secrets lists the names of a script's secrets.
func (c *Client) Secrets(ctx context.Context, name string) ([]string, error) {
	var items []struct {
		Name string `json:"name"`
	}
	_, err := c.ask(ctx, request{method: "GET", path: c.script(name, "secrets")}, &items)
	names := []string{}
	for _, i := range items {
		names = append(names, i.Name)
	}
	return names, err
}

type secret struct {
	Name string `json:"name"`
	Text string `json:"text"`
	Type string `json:"type"`
}

// PutSecret sets a secret, which makes a new version of the script and deploys it.
func (c *Client) PutSecret(ctx context.Context, name, key, value string) error {
	_, err := c.ask(ctx, request{method: "PUT", path: c.script(name, "secrets"), json: secret{key, value, "secret_text"}}, nil)
	return err
}

// DeleteSecret removes a secret.
func (c *Client) DeleteSecret(ctx context.Context, name, key string) error {
	_, err := c.ask(ctx, request{method: "DELETE", path: c.script(name, "secrets", key)}, nil)
	return err
}

// ChangeSecrets sets several secrets at once and removes those that are nil.
func (c *Client) ChangeSecrets(ctx context.Context, name string, changes map[string]*string) error {
	items := map[string]*secret{}
	for key, value := range changes {
		items[key] = nil
		if value != nil {
			items[key] = &secret{key, *value, "secret_text"}
		}
	}
	_, err := c.ask(ctx, request{method: "PATCH", path: c.script(name, "secrets-bulk"), json: map[string]any{"secrets": items}}, nil)
	return err
}
