package client

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/url"
	"strconv"
)

// A Namespace is a KV namespace.
type Namespace struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// A Key is an entry of a KV namespace without its value.
type Key struct {
	Name       string          `json:"name"`
	Expiration int64           `json:"expiration,omitempty"` // seconds since 1970
	Metadata   json.RawMessage `json:"metadata,omitempty"`
}

// A Pair is an entry to be written.
type Pair struct {
	Key           string          `json:"key"`
	Value         string          `json:"value"`
	Base64        bool            `json:"base64,omitempty"` // Value is base64
	Expiration    int64           `json:"expiration,omitempty"`
	ExpirationTTL int64           `json:"expiration_ttl,omitempty"` // seconds from now
	Metadata      json.RawMessage `json:"metadata,omitempty"`
}

// An Entry is a value that was read.
type Entry struct {
	Value    string          `json:"value"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

func (c *Client) namespaces(segments ...string) string {
	return c.inAccount(append([]string{"storage", "kv", "namespaces"}, segments...)...)
}

// Namespaces lists the account's KV namespaces by title.
func (c *Client) Namespaces(ctx context.Context) ([]Namespace, error) {
	const perPage = 100
	all := []Namespace{}
	for page := 1; ; page++ {
		var some []Namespace
		q := url.Values{"per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(page)}, "order": {"title"}}
		if _, err := c.ask(ctx, request{method: "GET", path: c.namespaces(), query: q}, &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < perPage {
			return all, nil
		}
	}
}

// CreateNamespace makes a KV namespace.
func (c *Client) CreateNamespace(ctx context.Context, title string) (*Namespace, error) {
	n := new(Namespace)
	_, err := c.ask(ctx, request{method: "POST", path: c.namespaces(), json: map[string]string{"title": title}}, n)
	return n, err
}

// DeleteNamespace removes a KV namespace with all its entries.
func (c *Client) DeleteNamespace(ctx context.Context, id string) error {
	_, err := c.ask(ctx, request{method: "DELETE", path: c.namespaces(id)}, nil)
	return err
}

// Keys calls each with the keys of a namespace that begin with prefix, page by page.
func (c *Client) Keys(ctx context.Context, id, prefix string, each func([]Key) error) error {
	q := url.Values{"prefix": {prefix}}
	for {
		var keys []Key
		info, err := c.ask(ctx, request{method: "GET", path: c.namespaces(id, "keys"), query: q}, &keys)
		if err != nil {
			return err
		}
		if err := each(keys); err != nil {
			return err
		}
		if info.Cursor == "" {
			return nil
		}
		q.Set("cursor", info.Cursor)
	}
}

// Get returns the value of a key.
func (c *Client) Get(ctx context.Context, id, key string) ([]byte, error) {
	status, _, body, err := c.send(ctx, request{method: "GET", path: c.namespaces(id, "values", key)})
	if err != nil {
		return nil, err
	}
	if status >= 400 {
		var answer struct {
			Errors []detail `json:"errors"`
		}
		_ = json.Unmarshal(body, &answer) // what cannot be read is told by its status
		return nil, newError(status, answer.Errors)
	}
	return body, nil
}

// Write writes one entry. Pair.Base64 has no meaning here: value holds the bytes.
func (c *Client) Write(ctx context.Context, id string, p Pair, value []byte) error {
	r := request{method: "PUT", path: c.namespaces(id, "values", p.Key), query: url.Values{}, body: value, contentType: "application/octet-stream"}
	if p.Expiration != 0 {
		r.query.Set("expiration", strconv.FormatInt(p.Expiration, 10))
	}
	if p.ExpirationTTL != 0 {
		r.query.Set("expiration_ttl", strconv.FormatInt(p.ExpirationTTL, 10))
	}
	if len(p.Metadata) > 0 {
		var buf bytes.Buffer
		w := multipart.NewWriter(&buf)
		part, _ := w.CreateFormFile("value", "value") // a buffer takes everything
		_, _ = part.Write(value)
		_ = w.WriteField("metadata", string(p.Metadata))
		if err := w.Close(); err != nil {
			return err
		}
		r.body, r.contentType = buf.Bytes(), w.FormDataContentType()
	}
	_, err := c.ask(ctx, r, nil)
	return err
}

// DeleteKey removes one entry, or does nothing if there is none.
func (c *Client) DeleteKey(ctx context.Context, id, key string) error {
	_, err := c.ask(ctx, request{method: "DELETE", path: c.namespaces(id, "values", key)}, nil)
	return err
}

// Most items of one bulk request.
const (
	bulkWrites = 1000
	bulkReads  = 100
)

// WriteAll writes entries. It is not one transaction: some may be written when it fails.
func (c *Client) WriteAll(ctx context.Context, id string, pairs []Pair) error {
	for len(pairs) > 0 {
		n := min(len(pairs), bulkWrites)
		if _, err := c.ask(ctx, request{method: "PUT", path: c.namespaces(id, "bulk"), json: pairs[:n]}, nil); err != nil {
			return err
		}
		pairs = pairs[n:]
	}
	return nil
}

// DeleteAll removes entries. Some may be gone when it fails.
func (c *Client) DeleteAll(ctx context.Context, id string, keys []string) error {
	for len(keys) > 0 {
		n := min(len(keys), bulkWrites)
		if _, err := c.ask(ctx, request{method: "POST", path: c.namespaces(id, "bulk", "delete"), json: keys[:n]}, nil); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// GetAll reads values, which must be text. Those that are missing are nil in the map.
func (c *Client) GetAll(ctx context.Context, id string, keys []string) (map[string]*Entry, error) {
	all := map[string]*Entry{}
	for len(keys) > 0 {
		n := min(len(keys), bulkReads)
		var some struct {
			Values map[string]*Entry `json:"values"`
		}
		if _, err := c.ask(ctx, request{method: "POST", path: c.namespaces(id, "bulk", "get"), json: map[string]any{"keys": keys[:n]}}, &some); err != nil {
			return nil, err
		}
		for k, v := range some.Values {
			all[k] = v
		}
		keys = keys[n:]
	}
	return all, nil
}
