package ingress

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// ACME gets certificates from an ACME authority (RFC 8555), Let's Encrypt unless
// told otherwise, when a host is first asked for, and renews them.
type ACME struct {
	// Dir keeps the account key and the certificates; it is made with mode 0700.
	Dir string
	// Directory is the URL of the authority's directory; "" means Let's Encrypt.
	Directory string
	// Email is where the authority sends notices; it may be empty.
	Email string
	// Allow tells whether a certificate may be asked for the host, which a client
	// chose: it must answer true only for hosts that are served here.
	Allow func(ctx context.Context, host string) bool
	// Failed, if set, is told why a host that is served has no certificate.
	Failed func(host string, err error)
	// Manager does the work; nil means a new one.
	Manager *autocert.Manager
}

// Init completes a, or says what is missing.
func (a *ACME) Init() error {
	switch {
	case a.Dir == "":
		return errors.New("ingress: ACME needs a directory to keep certificates in")
	case a.Allow == nil:
		return errors.New("ingress: ACME needs to know which hosts are served")
	}
	if a.Manager == nil {
		a.Manager = &autocert.Manager{}
	}
	if a.Directory != "" {
		a.Manager.Client = &acme.Client{DirectoryURL: a.Directory}
	}
	a.Manager.Prompt = autocert.AcceptTOS
	a.Manager.Cache = autocert.DirCache(a.Dir)
	a.Manager.Email = a.Email
	a.Manager.HostPolicy = func(ctx context.Context, host string) error {
		if !a.Allow(ctx, host) {
			return errors.New("ingress: no certificate is asked for " + host + ", which is not served here")
		}
		return nil
	}
	return nil
}

// TLSConfig is the configuration for an https listener; it answers tls-alpn-01 challenges.
func (a *ACME) TLSConfig() *tls.Config {
	c := a.Manager.TLSConfig()
	c.MinVersion = tls.VersionTLS12
	get := c.GetCertificate
	c.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert, err := get(hello)
		if err != nil && a.Failed != nil && a.Allow(hello.Context(), hello.ServerName) {
			a.Failed(hello.ServerName, err)
		}
		return cert, err
	}
	c.NextProtos = []string{"http/1.1", "acme-tls/1"}
	return c
}

// Challenges answers http-01 challenges and gives all other requests to next.
func (a *ACME) Challenges(next Handler) Handler {
	h := a.Manager.HTTPHandler(http.NotFoundHandler())
	return HandlerFunc(func(x *Exchange) {
		if !strings.HasPrefix(x.Target(), "/.well-known/acme-challenge/") {
			next.ServeWorker(x)
			return
		}
		req, err := http.NewRequestWithContext(x.Context(), x.Method(), x.URL(), nil)
		if err != nil {
			_ = x.RespondPage(PageFor(400, "The request target is malformed."))
			return
		}
		rec := &recorder{header: http.Header{}, status: 200}
		h.ServeHTTP(rec, req)
		_ = x.Respond(&outside.Response{Status: rec.status, Body: outside.Body{Bytes: rec.body.Bytes()},
			Header: []outside.Field{{Name: "content-type", Value: "text/plain"}}})
	})
}

// A recorder takes the answer of a net/http handler.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

func locationField(url string) outside.Field {
	return outside.Field{Name: "location", Value: strings.Clone(url)}
}
