package webcrypto

import (
	"crypto/rsa"
	"math/big"

	"github.com/mayfly-edge/mayfly/isolate/asymmetric"
)

// What the algorithms over RSA share: https://w3c.github.io/webcrypto/#rsassa-pkcs1 and following.

const maxModulus = 16384 // bits

// rsaUsages are the usages of the private and the public key, and the JWK member "use".
func rsaUsages(m *mechanism) (private, public usages, use string) {
	if m.sign != nil {
		return useSign, useVerify, "sig"
	}
	return useDecrypt | useUnwrapKey, useEncrypt | useWrapKey, "enc"
}

// rsaAlg is the JWK algorithm of a key.
func rsaAlg(m *mechanism, h *hashFunction) string {
	if m.encrypt == nil {
		return m.jwk + h.jwk
	}
	if h.jwk == "1" {
		return m.jwk
	}
	return m.jwk + "-" + h.jwk
}

// rsaPublic returns the public part of an RSA key; nil if it is none.
func (k *key) rsaPublic() *rsa.PublicKey {
	switch pair := k.pair.(type) {
	case *rsa.PublicKey:
		return pair
	case *rsa.PrivateKey:
		return &pair.PublicKey
	}
	return nil
}

// rsaPrivate returns the private key if the key holds one.
func (k *key) rsaPrivate() (*rsa.PrivateKey, error) {
	if err := k.must(privateKey); err != nil {
		return nil, err
	}
	return k.pair.(*rsa.PrivateKey), nil
}

// importRSA is https://w3c.github.io/webcrypto/#rsassa-pkcs1-operations-import-key
func importRSA(p *params, d keyData, extractable bool, u usages) (*key, error) {
	private, public, use := rsaUsages(p.mechanism)
	k := &key{kind: publicKey, mechanism: p.mechanism, extractable: extractable, usages: u, hash: p.hash}
	allowed := public
	if d.format == pkcs8 || d.format == inJWK && d.jwk.d.Set {
		k.kind, allowed = privateKey, private
	}
	var err error
	switch d.format {
	case spki, pkcs8:
		// 2. If usages contains an entry that the key cannot have, throw a SyntaxError.
		if !u.within(allowed) {
			return nil, errUsages()
		}
		if k.kind == publicKey {
			k.pair, err = parseSPKI[*rsa.PublicKey](d.bytes)
		} else {
			k.pair, err = parsePKCS8[*rsa.PrivateKey](d.bytes)
		}
	case inJWK:
		if !u.within(allowed) {
			return nil, errUsages()
		}
		if err := d.jwk.is("RSA"); err != nil {
			return nil, err
		}
		if err := d.jwk.permits(extractable, u, use); err != nil {
			return nil, err
		}
		if err := d.jwk.algorithm(rsaAlg(p.mechanism, p.hash)); err != nil {
			return nil, err
		}
		k.pair, err = d.jwk.rsa()
	default:
		return nil, errFormat(d.format)
	}
	if err != nil {
		return nil, err
	}
	if !asymmetric.ValidRSA(k.rsaPublic()) {
		return nil, dataError("The modulus or the public exponent of the RSA key is invalid")
	}
	return k, nil
}

// rsa reads an *rsa.PrivateKey, if there is a member d, or an *rsa.PublicKey:
// https://www.rfc-editor.org/rfc/rfc7518#section-6.3
func (j *jwk) rsa() (any, error) {
	var err error
	number := func(name string, member text) *big.Int {
		b, bad := j.bytes(name, member)
		if bad == nil && (len(b) == 0 || len(b) > maxModulus/8) {
			bad = dataError("The JWK \"%s\" member is empty or too long", name)
		}
		if err == nil {
			err = bad
		}
		return new(big.Int).SetBytes(b)
	}
	n, e := number("n", j.n), number("e", j.e)
	if err != nil {
		return nil, err
	}
	if e.BitLen() > 31 {
		return nil, dataError("The public exponent of the RSA key is too large")
	}
	public := rsa.PublicKey{N: n, E: int(e.Int64())}
	if !j.d.Set {
		return &public, nil
	}
	if j.oth {
		return nil, notSupported("RSA keys with more than two primes are not supported")
	}
	d, p, q := number("d", j.d), number("p", j.p), number("q", j.q)
	dp, dq, qi := number("dp", j.dp), number("dq", j.dq), number("qi", j.qi)
	if err != nil {
		return nil, err
	}
	private := asymmetric.RSAFromParts(public, d, p, q, dp, dq, qi)
	if private == nil {
		return nil, dataError("The JWK RSA private key is inconsistent")
	}
	return private, nil
}

// exportRSA is https://w3c.github.io/webcrypto/#rsassa-pkcs1-operations-export-key
func exportRSA(k *key, f format) (keyData, error) {
	switch f {
	case spki:
		return exportSPKI(k, k.pair)
	case pkcs8:
		return exportPKCS8(k, k.pair)
	case inJWK:
		j := newJWK(k, "RSA")
		j.alg = text{Value: rsaAlg(k.mechanism, k.hash), Set: true}
		public := k.rsaPublic()
		j.n, j.e = encoded(public.N.Bytes()), encoded(exponentBytes(public.E))
		if private, ok := k.pair.(*rsa.PrivateKey); ok {
			c := &private.Precomputed
			j.d, j.p, j.q = encoded(private.D.Bytes()), encoded(private.Primes[0].Bytes()), encoded(private.Primes[1].Bytes())
			j.dp, j.dq, j.qi = encoded(c.Dp.Bytes()), encoded(c.Dq.Bytes()), encoded(c.Qinv.Bytes())
		}
		return keyData{format: f, jwk: j}, nil
	}
	return keyData{}, errFormat(f)
}

func exponentBytes(e int) []byte { return big.NewInt(int64(e)).Bytes() }
