package webcrypto

import (
	"bytes"
	"crypto/rand"
)

// What Ed25519 and X25519 share, octet key pairs:
// https://w3c.github.io/webcrypto/#ed25519 and https://w3c.github.io/webcrypto/#x25519

const okpSize = 32 // bytes of a public key and of a private one

// okp is how one of the two deals with its keys. A private key is given and taken as
// its 32 bytes.
type okp struct {
	crv             string
	use             string // the JWK member
	private, public usages
	newPrivate      func(seed []byte) any
	newPublic       func(b []byte) any
	fromSPKI        func(der []byte) (any, error)
	fromPKCS8       func(der []byte) (any, error)
	seed            func(private any) []byte
	point           func(pair any) []byte // of a public or a private key
}

func (c *okp) importKey(p *params, d keyData, extractable bool, u usages) (*key, error) {
	k := &key{kind: publicKey, mechanism: p.mechanism, extractable: extractable, usages: u}
	allowed := c.public
	if d.format == pkcs8 || d.format == inJWK && d.jwk.d.Set {
		k.kind, allowed = privateKey, c.private
	}
	if !u.within(allowed) {
		return nil, errUsages()
	}
	var err error
	switch d.format {
	case raw:
		if len(d.bytes) != okpSize {
			return nil, dataError("%s raw keys must be exactly 32-bytes", c.crv)
		}
		k.pair = c.newPublic(bytes.Clone(d.bytes))
	case spki:
		k.pair, err = c.fromSPKI(d.bytes)
	case pkcs8:
		k.pair, err = c.fromPKCS8(d.bytes)
	case inJWK:
		err = c.importJWK(k, d.jwk)
	default:
		err = errFormat(d.format)
	}
	if err != nil {
		return nil, err
	}
	return k, nil
}

// importJWK is https://www.rfc-editor.org/rfc/rfc8037#section-2
func (c *okp) importJWK(k *key, j *jwk) error {
	if err := j.is("OKP"); err != nil {
		return err
	}
	if err := j.permits(k.extractable, k.usages, c.use); err != nil {
		return err
	}
	if j.crv.Value != c.crv {
		return dataError("The JWK \"crv\" member was not %q", c.crv)
	}
	if c.use == "sig" {
		if err := j.algorithm(c.crv, "EdDSA"); err != nil {
			return err
		}
	}
	x, err := j.fixed("x", j.x, okpSize)
	if err != nil {
		return err
	}
	if k.kind == publicKey {
		k.pair = c.newPublic(x)
		return nil
	}
	d, err := j.fixed("d", j.d, okpSize)
	if err != nil {
		return err
	}
	k.pair = c.newPrivate(d)
	if !bytes.Equal(c.point(k.pair), x) {
		return dataError("The JWK OKP private key is inconsistent")
	}
	return nil
}

func (c *okp) exportKey(k *key, f format) (keyData, error) {
	switch f {
	case raw:
		if err := k.must(publicKey); err != nil {
			return keyData{}, err
		}
		return keyData{format: f, bytes: bytes.Clone(c.point(k.pair))}, nil
	case spki:
		return exportSPKI(k, k.pair)
	case pkcs8:
		return exportPKCS8(k, k.pair)
	case inJWK:
		j := newJWK(k, "OKP")
		j.crv, j.x = text{Value: c.crv, Set: true}, encoded(c.point(k.pair))
		if k.kind == privateKey {
			j.d = encoded(c.seed(k.pair))
		}
		return keyData{format: f, jwk: j}, nil
	}
	return keyData{}, errFormat(f)
}

func (c *okp) generate(p *params, extractable bool, u usages) (generated, error) {
	if !u.within(c.private | c.public) {
		return generated{}, errUsages()
	}
	seed := make([]byte, okpSize)
	_, _ = rand.Read(seed) // it never fails
	private := c.newPrivate(seed)
	return generated{
		private: &key{kind: privateKey, mechanism: p.mechanism, extractable: extractable, usages: u & c.private, pair: private},
		public:  &key{kind: publicKey, mechanism: p.mechanism, extractable: true, usages: u & c.public, pair: c.newPublic(c.point(private))},
	}, nil
}
