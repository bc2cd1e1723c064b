package ingress

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCert makes a self-signed certificate for the names.
func writeCert(t *testing.T, dir, base string, serial int64, names ...string) CertFile {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	f := CertFile{filepath.Join(dir, base+".crt"), filepath.Join(dir, base+".key")}
	for name, block := range map[string]*pem.Block{f.Cert: {Type: "CERTIFICATE", Bytes: der}, f.Key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	certs, err := LoadCertificates(writeCert(t, dir, "a", 1, "a.example"), writeCert(t, dir, "b", 2, "b.example", "*.b.example"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	certs.now = func() time.Time { return now }
	s, err := New(Config{}, HandlerFunc(func(x *Exchange) {
		if x.TLS() == nil || x.Scheme() != "https" || !strings.Contains(string(x.Request().CF), `"tlsVersion":"TLSv1.3"`) {
			t.Errorf("TLS is not seen: %s", x.Request().CF)
		}
		hello(x)
	}))
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(tls.NewListener(ln, certs.TLSConfig())) }()
	defer func() { s.Close(); <-served }()

	serial := func(name string) int64 {
		t.Helper()
		c, err := tls.Dial("tcp", ln.Addr().String(), &tls.Config{ServerName: name, InsecureSkipVerify: true}) // self-signed
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for range 2 {
			if _, err := io.WriteString(c, get); err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil || res.StatusCode != 200 {
				t.Fatal(res, err)
			}
		}
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	for name, want := range map[string]int64{"a.example": 1, "b.example": 2, "x.b.example": 2, "other.example": 1, "": 1} {
		if got := serial(name); got != want {
			t.Errorf("%q gets certificate %d, want %d", name, got, want)
		}
	}
	writeCert(t, dir, "a", 300, "a.example", "longer.name.example")
	if got := serial("a.example"); got != 1 {
		t.Errorf("certificate %d was read too early", got)
	}
	now = now.Add(certCheck)
	if got := serial("a.example"); got != 300 {
		t.Errorf("certificate %d, want the changed one", got)
	}
	var failed error
	certs.Failed = func(err error) { failed = err }
	if err := os.WriteFile(filepath.Join(dir, "a.crt"), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(certCheck)
	if got := serial("a.example"); got != 300 || failed == nil {
		t.Errorf("certificate %d, error %v: want the old one and an error", got, failed)
	}
	if _, err := LoadCertificates(CertFile{"no.crt", "no.key"}); err == nil || !strings.Contains(err.Error(), "no.crt") {
		t.Errorf("missing file: %v", err)
	}
}

func TestRedirectToHTTPS(t *testing.T) {
	for port, want := range map[int]string{0: "https://example.com/hello?name=x", 8443: "https://example.com:8443/hello?name=x"} {
		_, addr := serve(t, Config{}, RedirectToHTTPS(port).ServeWorker)
		nc := dial(t, addr)
		if _, err := io.WriteString(nc, get); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(nc), nil)
		if err != nil || res.StatusCode != 308 || res.Header.Get("Location") != want {
			t.Errorf("port %d: %v, %v", port, res, err)
		}
	}
}

func TestACME(t *testing.T) {
	if err := (&ACME{}).Init(); err == nil {
		t.Error("no directory is accepted")
	}
	a := &ACME{Dir: t.TempDir(), Allow: func(_ context.Context, host string) bool { return host == "here.example" }}
	if err := a.Init(); err != nil {
		t.Fatal(err)
	}
	if err := a.Manager.HostPolicy(t.Context(), "elsewhere.example"); err == nil {
		t.Error("a certificate would be asked for any host")
	}
	if err := a.Manager.HostPolicy(t.Context(), "here.example"); err != nil {
		t.Error(err)
	}
	_, addr := serve(t, Config{}, a.Challenges(HandlerFunc(hello)).ServeWorker)
	for path, want := range map[string]int{"/": 200, "/.well-known/acme-challenge/unknown": 404} {
		res, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want && !(want == 404 && res.StatusCode == 403) {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func TestParsePrefixes(t *testing.T) {
	got, err := ParsePrefixes("10.1.2.3/8, ::1,192.0.2.1")
	if err != nil || len(got) != 3 || got[0].String() != "10.0.0.0/8" || got[1].String() != "::1/128" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := ParsePrefixes("10.0.0.0/8,nonsense"); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("%v", err)
	}
}
