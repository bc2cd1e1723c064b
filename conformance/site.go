package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/textproto"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/conformance/remote"
	"github.com/mayfly-edge/mayfly/runtime"
)

// A Site is a whole server that keeps everything in memory, and an origin that its
// workers may fetch from.
type Site struct {
	server *runtime.Server
	origin *http.Server
	api    remote.Server
	client *http.Client

	originURL string
}

const siteToken = "token-of-the-conformance-site"

// StartSite starts a server on the loopback interface; Close ends it.
func StartSite() (*Site, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Site{
		origin:    &http.Server{Handler: http.HandlerFunc(originAnswer), ReadHeaderTimeout: 10 * time.Second},
		originURL: "http://" + l.Addr().String(),
		client: &http.Client{
			Transport:     &http.Transport{DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       30 * time.Second,
		},
	}
	s.server, err = runtime.NewServer(runtime.ServerConfig{
		Config:  runtime.Config{RootToken: siteToken, EgressAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		Control: "127.0.0.1:0",
	})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	go s.origin.Serve(l)
	s.server.Start()
	s.api = remote.Server{API: "http://" + s.server.ControlAddr().String() + "/client/v4", Token: siteToken, Client: s.client}
	return s, nil
}

// Close ends the server and the origin.
func (s *Site) Close() error {
	s.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(s.server.Shutdown(ctx), s.origin.Close())
}

// originAnswer is what workers find when they fetch env.ORIGIN.
func originAnswer(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/redirect":
		http.Redirect(w, r, "/echo?redirected", http.StatusFound)
	case "/error":
		http.Error(w, "origin error", http.StatusTeapot)
	case "/cookies":
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2; Path=/")
	case "/slow":
		<-r.Context().Done()
	default:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("X-Origin", "yes")
		fmt.Fprintf(w, "%s %s %s[%s]", r.Method, r.URL.RequestURI(), r.Header.Get("X-Test"), body)
	}
}

// Run deploys a case, with a KV namespace of its own as env.KV, and makes its requests
// one after the other. The error says which answer differs, and how; or that none does
// although the case is known to fail.
func (s *Site) Run(ctx context.Context, c Case) error {
	namespace, err := s.api.CreateNamespace(ctx, c.Name)
	if err != nil {
		return err
	}
	err = s.run(ctx, c, namespace)
	switch {
	case c.Known == "":
		return err
	case err == nil:
		return fmt.Errorf("%s.js: the case passes, but was known to fail: %s", c.Name, c.Known)
	}
	return ctx.Err()
}

func (s *Site) run(ctx context.Context, c Case, namespace string) error {
	err := s.api.Deploy(ctx, remote.Worker{
		Name: c.Name, Code: c.Code, Classic: c.Classic,
		KV: map[string]string{"KV": namespace}, Vars: map[string]string{"ORIGIN": s.originURL, "GREETING": "Hello"},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	for _, e := range c.Exchanges {
		if err := s.exchange(ctx, c.Name, e); err != nil {
			return fmt.Errorf("%s.js:%d: %s %s: %w", c.Name, e.Line, e.Method, e.Target, err)
		}
	}
	return nil
}

// exchange makes one request and compares the answer.
func (s *Site) exchange(ctx context.Context, name string, e Exchange) error {
	req, err := http.NewRequestWithContext(ctx, e.Method, "http://"+s.server.Addr().String()+e.Target, strings.NewReader(e.Body))
	if err != nil {
		return err
	}
	if e.Body == "" {
		req.Body, req.ContentLength = nil, 0
	}
	req.Host = name + ".localhost"
	req.Header = http.Header(e.Header).Clone()
	res, err := s.client.Do(req)
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
