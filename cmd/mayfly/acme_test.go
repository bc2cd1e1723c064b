package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// pebble is the test authority of Let's Encrypt. It is built by the go command, which
// keeps it out of this module's requirements.
const pebble = "github.com/letsencrypt/pebble/v2/cmd/pebble@v2.10.3"

// TestACME has a server get a certificate from a real authority, which asks the server
// for its proof, and answer requests with it.
func TestACME(t *testing.T) {
	required := os.Getenv("MAYFLY_REQUIRE_NPM") == "1"
	if testing.Short() && !required {
		t.Skip("the authority is not built with -short")
	}
	dir := t.TempDir()
	install := exec.Command("go", "install", pebble)
	install.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=-mod=mod")
	if out, err := install.CombinedOutput(); err != nil {
		if required {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Skipf("the authority cannot be built: %v\n%s", err, out)
	}
	const host = "secure.example.test"
	ca := newAuthorityFiles(t, dir)
	directory, data := freeAddress(t), t.TempDir()
	p := start(t, []string{"MAYFLY_TOKEN=" + rootToken, "SSL_CERT_FILE=" + ca}, "serve", "--data", data, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
		"--containment", "none", "--acme", "--acme-directory", "https://"+directory+"/dir")
	p.deploy("secure", `export default { fetch(r) { return new Response("hello by " + new URL(r.url).protocol) } }`)
	if err := p.client(rootToken).SetDomains(t.Context(), "secure", []string{host}); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(p.listen)
	if err != nil {
		t.Fatal(err)
	}
	startAuthority(t, dir, directory, port)

	dial := func(name string) (*tls.Conn, error) {
		d := tls.Dialer{Config: &tls.Config{ServerName: name, InsecureSkipVerify: true}} // the root is made anew each time: its chain is looked at below
		c, err := d.DialContext(t.Context(), "tcp", p.listen)
		if err != nil {
			return nil, err
		}
		return c.(*tls.Conn), nil
	}
	c, err := dial(host)
	if err != nil {
		t.Fatalf("no certificate for %s: %v", host, err)
	}
	defer c.Close()
	leaf := c.ConnectionState().PeerCertificates[0]
	if err := leaf.VerifyHostname(host); err != nil || !strings.HasPrefix(leaf.Issuer.CommonName, "Pebble Intermediate CA") {
		t.Errorf("certificate of %s for %v: %v", leaf.Issuer, leaf.DNSNames, err)
	}
	client := &http.Client{Transport: &http.Transport{DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return dial(host) }}}
	res, err := client.Get("https://" + host + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, err := io.ReadAll(res.Body); err != nil || res.StatusCode != 200 || string(text) != "hello by https:" {
		t.Errorf("%d %s %v", res.StatusCode, text, err)
	}
	if kept, _ := filepath.Glob(filepath.Join(data, "acme", host)); len(kept) != 1 {
		t.Error("the certificate is not kept")
	}
	if c, err := dial("stranger.example.test"); err == nil {
		t.Errorf("a host that is not served has a certificate for %v", c.ConnectionState().PeerCertificates[0].DNSNames)
		c.Close()
	}
}

// startAuthority starts pebble on an address. It looks for the servers that are to prove
// themselves on a port of this machine, whatever their names.
func startAuthority(t *testing.T, dir, address, port string) {
	t.Helper()
	var tlsPort int
	if _, err := fmt.Sscan(port, &tlsPort); err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": address, "managementListenAddress": freeAddress(t), "certificate": filepath.Join(dir, "cert.pem"), "privateKey": filepath.Join(dir, "key.pem"),
		"httpPort": 1, "tlsPort": tlsPort, "ocspResponderURL": "", "externalAccountBindingRequired": false,
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "pebble.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	out := &output{}
	cmd := exec.Command(filepath.Join(dir, "pebble"), "-config", file, "-dnsserver", resolver(t))
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // ended below
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		if t.Failed() {
			t.Logf("the authority wrote:\n%s", out)
		}
	})
	end := time.Now().Add(patience)
	for {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-done:
			t.Fatalf("the authority has ended:\n%s", out)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			t.Fatalf("the authority does not answer: %v", err)
		}
	}
}

// newAuthorityFiles makes the certificate of the authority's own listener and returns
// the file that has it.
func newAuthorityFiles(t *testing.T, dir string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert.pem")
}

// freeAddress is an address of the loopback interface that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// resolver starts a name server, by TCP, for which every host is this machine.
func resolver(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go resolve(conn)
		}
	}()
	return l.Addr().String()
}

// resolve answers the questions of a connection, each with its length before it.
func resolve(conn net.Conn) {
	defer conn.Close()
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(question) != nil || len(m.Questions) != 1 {
			return
		}
		q := m.Questions[0]
		answer := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
		if q.Type == dnsmessage.TypeA {
			answer.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
		}
		packed, err := answer.AppendPack(make([]byte, 2, 512))
		if err != nil {
			return
		}
		binary.BigEndian.PutUint16(packed, uint16(len(packed)-2))
		if _, err := conn.Write(packed); err != nil {
			return
		}
	}
}
