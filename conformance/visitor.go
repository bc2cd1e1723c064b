package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"strings"
	"time"
)

// A visitor makes the requests of cases at a server, on which the worker of a case
// answers at the host of its name under localhost.
type visitor struct {
	addr   string
	client *http.Client
}

func newVisitor() visitor {
	return visitor{client: &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       30 * time.Second,
	}}
}

// visit makes the requests of a case one after the other. The error says which answer
// differs, and how.
func (v *visitor) visit(ctx context.Context, c Case) error {
	for _, e := range c.Exchanges {
		if err := v.exchange(ctx, c.Name, e); err != nil {
			return fmt.Errorf("%s.js:%d: %s %s: %w", c.Name, e.Line, e.Method, e.Target, err)
		}
	}
	return nil
}

// exchange makes one request and compares the answer.
func (v *visitor) exchange(ctx context.Context, name string, e Exchange) error {
	req, err := http.NewRequestWithContext(ctx, e.Method, "http://"+v.addr+e.Target, strings.NewReader(e.Body))
	if err != nil {
		return err
	}
	if e.Body == "" {
		req.Body, req.ContentLength = nil, 0
	}
	req.Host = name + ".localhost"
	req.Header = http.Header(e.Header).Clone()
	res, err := v.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	return compareAnswer(e, res.StatusCode, textproto.MIMEHeader(res.Header), string(body))
}

func compareAnswer(e Exchange, status int, header textproto.MIMEHeader, body string) error {
	var errs []error
	if status != e.Status {
		errs = append(errs, fmt.Errorf("status %d, want %d", status, e.Status))
	}
	for name, want := range e.WantHeader {
		got := header.Values(name)
		if len(got) == 0 {
			got = []string{"-"}
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			errs = append(errs, fmt.Errorf("header %s is %q, want %q", name, got, want))
		}
	}
	if body = strings.TrimSuffix(body, "\n"); e.WantBody != "*" && body != e.WantBody {
		errs = append(errs, fmt.Errorf("body\n%s\nwant\n%s", body, e.WantBody))
	}
	return errors.Join(errs...)
}
