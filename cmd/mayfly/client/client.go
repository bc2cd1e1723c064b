package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Client asks a control plane. The zero value is not usable; see New. It is safe for
// concurrent use.
type Client struct {
	base    string // with /client/v4
	token   string
	account string
	http    *http.Client
}

// requestTimeout bounds one request, uploads included.
const requestTimeout = 5 * time.Minute

// New returns a client of the control plane at control, such as
// "http://127.0.0.1:8788", for an account; "default" is the only one of most servers.
func New(control, token, account string) (*Client, error) {
	u, err := url.Parse(control)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not the URL of a control plane, such as http://127.0.0.1:8788", control)
	}
	base := strings.TrimRight(control, "/")
	if !strings.HasSuffix(base, "/client/v4") {
		base += "/client/v4"
	}
	// Redirects would carry the token elsewhere.
	h := &http.Client{Timeout: requestTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Client{base: base, token: token, account: account, http: h}, nil
}

// inAccount is a path below the account. Its segments are escaped.
func (c *Client) inAccount(segments ...string) string {
	var path strings.Builder
	path.WriteString("/accounts/" + url.PathEscape(c.account))
	for _, s := range segments {
		path.WriteString("/" + url.PathEscape(s))
	}
	return path.String()
}

func (c *Client) script(name string, segments ...string) string {
	return c.inAccount(append([]string{"workers", "scripts", name}, segments...)...)
}

// A request is one question to the control plane.
type request struct {
	method, path string
	query        url.Values
	json         any    // the body as JSON, or
	body         []byte // as it is
	contentType  string // of body
	token        string // instead of the client's
}

// resultInfo is the place of an answer in a list.
type resultInfo struct {
	Cursor string `json:"cursor"`
}

// ask sends a request and decodes the answer's result, unless into is nil.
func (c *Client) ask(ctx context.Context, r request, into any) (resultInfo, error) {
	status, _, text, err := c.send(ctx, r)
	if err != nil {
		return resultInfo{}, err
	}
	var answer struct {
		Success bool            `json:"success"`
		Errors  []detail        `json:"errors"`
		Result  json.RawMessage `json:"result"`
		Info    resultInfo      `json:"result_info"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return resultInfo{}, fmt.Errorf("%s does not answer as a control plane does: %d %s", c.base, status, firstLine(text))
	}
	if !answer.Success || status >= 400 {
		return resultInfo{}, newError(status, answer.Errors)
	}
	if into != nil {
		if err := json.Unmarshal(answer.Result, into); err != nil {
			return resultInfo{}, fmt.Errorf("the answer to %s %s is not understood: %w", r.method, r.path, err)
		}
	}
	return answer.Info, nil
}

// send sends a request and returns the answer as it is.
func (c *Client) send(ctx context.Context, r request) (status int, header http.Header, body []byte, err error) {
	address := c.base + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	if r.json != nil {
		if r.body, err = json.Marshal(r.json); err != nil {
			return 0, nil, nil, err
		}
		r.contentType = "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(r.body))
	if err != nil {
		return 0, nil, nil, err
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	req.Header.Set("Authorization", "Bearer "+cmp.Or(r.token, c.token))
	req.Header.Set("User-Agent", "mayfly")
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, unreachable(ctx, c.base, err)
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, nil, unreachable(ctx, c.base, err)
	}
	return res.StatusCode, res.Header, body, nil
}

func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	if len(line) > 200 {
		line = line[:200]
	}
	return string(line)
}

// Verify reports whether the token is valid.
func (c *Client) Verify(ctx context.Context) error {
	_, err := c.ask(ctx, request{method: "GET", path: "/user/tokens/verify"}, nil)
	return err
}
