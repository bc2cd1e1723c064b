package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// Backup copies a backup of the server's whole store to w. since is the version of the
// backup that it builds on, 0 for a full one. A failure leaves w with a part of it.
func (c *Client) Backup(ctx context.Context, since uint64, w io.Writer) error {
	path := "/mayfly/backup"
	if since > 0 {
		path += "?since=" + strconv.FormatUint(since, 10)
	}
	res, err := c.open(ctx, path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return refusal(res)
	}
	if _, err := io.Copy(w, res.Body); err != nil {
		return fmt.Errorf("the backup was cut short: %w", err)
	}
	return nil
}

// open begins a request whose answer may take as long as it likes.
func (c *Client) open(ctx context.Context, path string, headers ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("User-Agent", "mayfly")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	patient := *c.http
	patient.Timeout = 0
	res, err := patient.Do(req)
	if err != nil {
		return nil, unreachable(ctx, c.base, err)
	}
	return res, nil
}

// refusal is the error in an answer.
func refusal(res *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	var answer struct {
		Errors []detail `json:"errors"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("%s answers %d %s", res.Request.URL, res.StatusCode, firstLine(text))
	}
	return newError(res.StatusCode, answer.Errors)
}

// Compact makes the server's store smaller.
func (c *Client) Compact(ctx context.Context) error {
	_, err := c.ask(ctx, request{method: "POST", path: "/mayfly/compact"}, nil)
	return err
}

// Release lets a script run again that was taken out of service.
func (c *Client) Release(ctx context.Context, name string) error {
	_, err := c.ask(ctx, request{method: "POST", path: c.inAccount("mayfly", "scripts", name, "release")}, nil)
	return err
}

// Audit lists changes, newest first, from a cursor on, and answers the next cursor, ""
// at the end.
func (c *Client) Audit(ctx context.Context, limit int, cursor string) ([]script.AuditEntry, string, error) {
	all := []script.AuditEntry{}
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	info, err := c.ask(ctx, request{method: "GET", path: c.inAccount("mayfly", "audit"), query: q}, &all)
	return all, info.Cursor, err
}
