package ingress

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"
)

// A CertFile names a certificate chain and its private key, both PEM files.
type CertFile struct{ Cert, Key string }

// Certificates serves certificates from files, chosen by the name the client asks
// for, and reads them again when the files change. A change that cannot be read
// leaves the certificate before it in use.
type Certificates struct {
	// Failed is called when a changed file cannot be used; nil ignores that.
	Failed func(error)

	now func() time.Time

	mu      sync.RWMutex
	entries []*certEntry
	checked time.Time
}

type certEntry struct {
	file  CertFile
	state [2]fileState
	cert  *tls.Certificate
}

// fileState tells whether a file has changed.
type fileState struct {
	mod  time.Time
	size int64
}

// certCheck is how often at most the files are looked at.
const certCheck = 5 * time.Second

// LoadCertificates reads the files. The first is what a client gets that asks for
// a name nobody has, or for none.
func LoadCertificates(files ...CertFile) (*Certificates, error) {
	if len(files) == 0 {
		return nil, errors.New("ingress: no certificate file")
	}
	c := &Certificates{now: time.Now}
	for _, f := range files {
		e := &certEntry{file: f}
		if err := e.load(); err != nil {
			return nil, err
		}
		c.entries = append(c.entries, e)
	}
	c.checked = c.now()
	return c, nil
}

func (e *certEntry) load() error {
	state, err := e.stat()
	if err != nil {
		return err
	}
	cert, err := tls.LoadX509KeyPair(e.file.Cert, e.file.Key)
	if err != nil {
		return fmt.Errorf("ingress: certificate %s with key %s: %w", e.file.Cert, e.file.Key, err)
	}
	if cert.Leaf == nil {
		if cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0]); err != nil {
			return fmt.Errorf("ingress: certificate %s: %w", e.file.Cert, err)
		}
	}
	e.cert, e.state = &cert, state
	return nil
}

func (e *certEntry) stat() (s [2]fileState, err error) {
	for i, name := range [2]string{e.file.Cert, e.file.Key} {
		fi, err := os.Stat(name)
		if err != nil {
			return s, fmt.Errorf("ingress: %w", err)
		}
		s[i] = fileState{fi.ModTime(), fi.Size()}
	}
	return s, nil
}

// refresh reads again what has changed.
func (c *Certificates) refresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Sub(c.checked) < certCheck {
		return
	}
	c.checked = now
	for _, e := range c.entries {
		state, err := e.stat()
		if err == nil && state != e.state {
			err = e.load()
		}
		if err != nil && c.Failed != nil {
			c.Failed(err)
		}
	}
}

// GetCertificate is for tls.Config.GetCertificate.
func (c *Certificates) GetCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.RLock()
	stale := c.now().Sub(c.checked) >= certCheck
	c.mu.RUnlock()
	if stale {
		c.refresh()
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if hello.ServerName != "" {
		for _, e := range c.entries {
			if e.cert.Leaf.VerifyHostname(hello.ServerName) == nil {
				return e.cert, nil
			}
		}
	}
	return c.entries[0].cert, nil
}

// TLSConfig is the configuration for a listener with these certificates. Only
// HTTP/1.1 is offered.
func (c *Certificates) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: c.GetCertificate,
	}
}

// RedirectToHTTPS answers every request with a redirect to the same URL by https
// on the port, 0 meaning 443.
func RedirectToHTTPS(port int) Handler {
	suffix := ""
	if port != 0 && port != 443 {
		suffix = fmt.Sprintf(":%d", port)
	}
	return HandlerFunc(func(x *Exchange) {
		p := PageFor(308, "This is served by https.")
		p.Title = "Permanent Redirect"
		p.Header = append(p.Header, locationField("https://"+x.Hostname()+suffix+x.Target()))
		_ = x.RespondPage(p)
	})
}

// ParsePrefixes reads a comma-separated list of networks or addresses, as the
// trusted proxies are written in flags.
func ParsePrefixes(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		if a, err := netip.ParseAddr(item); err == nil {
			a = a.Unmap()
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, fmt.Errorf("ingress: %q is neither an address nor a network like 10.0.0.0/8", item)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
