package webcrypto

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
)

// What ECDSA and ECDH share: https://w3c.github.io/webcrypto/#ecdsa and #ecdh.

// ecUsages are the usages of the private and the public key, and the JWK member "use".
func ecUsages(m *mechanism) (private, public usages, use string) {
	if m.sign != nil {
		return useSign, useVerify, "sig"
	}
	return useDeriveKey | useDeriveBits, 0, "enc"
}

// generateEC is https://w3c.github.io/webcrypto/#ecdsa-operations-generate-key
func generateEC(p *params, extractable bool, u usages) (generated, error) {
	private, public, _ := ecUsages(p.mechanism)
	if !u.within(private | public) {
		return generated{}, errUsages()
	}
	c, err := curveNamed(p.namedCurve)
	if err != nil {
		return generated{}, err
	}
	pair, err := ecdsa.GenerateKey(c.elliptic, rand.Reader)
	if err != nil {
		return generated{}, operationError("The key cannot be generated: %v", err)
	}
	k := key{mechanism: p.mechanism, curve: c}
	secret, open := k, k
	secret.kind, secret.extractable, secret.usages = privateKey, extractable, u&private
	open.kind, open.extractable, open.usages = publicKey, true, u&public
	if err := secret.setPrivate(pair); err != nil {
		return generated{}, err
	}
	return generated{private: &secret, public: &open}, open.setPublic(&pair.PublicKey)
}

// setPrivate gives the key its private key in the form that its algorithm uses.
func (k *key) setPrivate(pair *ecdsa.PrivateKey) (err error) {
	if k.pair = pair; k.mechanism.sign == nil {
		if k.pair, err = pair.ECDH(); err != nil {
			return dataError("The elliptic curve key is invalid")
		}
	}
	return nil
}

func (k *key) setPublic(point *ecdsa.PublicKey) (err error) {
	if k.pair = point; k.mechanism.sign == nil {
		if k.pair, err = point.ECDH(); err != nil {
			return dataError("The elliptic curve key is invalid")
		}
	}
	return nil
}

// importEC is https://w3c.github.io/webcrypto/#ecdsa-operations-import-key
func importEC(p *params, d keyData, extractable bool, u usages) (*key, error) {
	private, public, use := ecUsages(p.mechanism)
	c, err := curveNamed(p.namedCurve)
	if err != nil && d.format != inJWK {
		return nil, err
	}
	k := &key{kind: publicKey, mechanism: p.mechanism, extractable: extractable, usages: u, curve: c}
	allowed := public
	if d.format == pkcs8 || d.format == inJWK && d.jwk.d.Set {
		k.kind, allowed = privateKey, private
	}
	if !u.within(allowed) {
		return nil, errUsages()
	}
	if c == nil {
		return nil, err
	}
	switch d.format {
	case raw:
		point, err := c.point(d.bytes)
		if err != nil {
			return nil, err
		}
		return k, k.setPublic(point)
	case spki:
		point, err := parseSPKI[*ecdsa.PublicKey](d.bytes)
		if err == nil && point.Curve != c.elliptic {
			err = errOtherCurve()
		}
		if err != nil {
			return nil, err
		}
		return k, k.setPublic(point)
	case pkcs8:
		pair, err := parsePKCS8[*ecdsa.PrivateKey](d.bytes)
		if err == nil && pair.Curve != c.elliptic {
			err = errOtherCurve()
		}
		if err != nil {
			return nil, err
		}
		return k, k.setPrivate(pair)
	case inJWK:
		return k, importECJWK(k, d.jwk, use)
	}
	return nil, errFormat(d.format)
}

func errOtherCurve() error { return dataError("The key is not on the curve asked for") }

// importECJWK gives k what j holds: https://www.rfc-editor.org/rfc/rfc7518#section-6.2
func importECJWK(k *key, j *jwk, use string) error {
	if err := j.is("EC"); err != nil {
		return err
	}
	if err := j.permits(k.extractable, k.usages, use); err != nil {
		return err
	}
	c := k.curve
	if j.crv.Value != c.name {
		return errOtherCurve()
	}
	if k.mechanism.sign != nil {
		if err := j.algorithm(c.jwk); err != nil {
			return err
		}
	}
	x, err := j.fixed("x", j.x, c.size)
	if err != nil {
		return err
	}
	y, err := j.fixed("y", j.y, c.size)
	if err != nil {
		return err
	}
	point, err := c.point(append(append([]byte{4}, x...), y...))
	if err != nil || k.kind == publicKey {
		if err != nil {
			return err
		}
		return k.setPublic(point)
	}
	d, err := j.fixed("d", j.d, c.size)
	if err != nil {
		return err
	}
	pair, err := ecdsa.ParseRawPrivateKey(c.elliptic, d)
	if err != nil || !pair.PublicKey.Equal(point) {
		return dataError("The JWK EC private key is inconsistent")
	}
	return k.setPrivate(pair)
}

// point reads an uncompressed point.
func (c *curve) point(b []byte) (*ecdsa.PublicKey, error) {
	point, err := ecdsa.ParseUncompressedPublicKey(c.elliptic, b)
	if err != nil {
		return nil, dataError("The data is not an uncompressed point on the curve %s", c.name)
	}
	return point, nil
}

// exportEC is https://w3c.github.io/webcrypto/#ecdsa-operations-export-key
func exportEC(k *key, f format) (keyData, error) {
	switch f {
	case raw:
		if err := k.must(publicKey); err != nil {
			return keyData{}, err
		}
		return keyData{format: f, bytes: k.ecPoint()}, nil
	case spki:
		return exportSPKI(k, k.pair)
	case pkcs8:
		return exportPKCS8(k, k.pair)
	case inJWK:
		j := newJWK(k, "EC")
		j.crv = text{Value: k.curve.name, Set: true}
		point := k.ecPoint()[1:]
		j.x, j.y = encoded(point[:k.curve.size]), encoded(point[k.curve.size:])
		if k.kind == privateKey {
			j.d = encoded(k.ecScalar())
		}
		return keyData{format: f, jwk: j}, nil
	}
	return keyData{}, errFormat(f)
}

// ecPoint returns the uncompressed public point.
func (k *key) ecPoint() []byte {
	var b []byte
	switch pair := k.pair.(type) {
	case *ecdsa.PublicKey:
		b, _ = pair.Bytes() // a key that was read or made is valid
	case *ecdsa.PrivateKey:
		b, _ = pair.PublicKey.Bytes()
	case *ecdh.PublicKey:
		b = pair.Bytes()
	case *ecdh.PrivateKey:
		b = pair.PublicKey().Bytes()
	}
	return b
}

// ecScalar returns the private scalar, as long as a coordinate.
func (k *key) ecScalar() []byte {
	switch pair := k.pair.(type) {
	case *ecdsa.PrivateKey:
		b, _ := pair.Bytes()
		return b
	case *ecdh.PrivateKey:
		return bytes.Clone(pair.Bytes())
	}
	return nil
}
