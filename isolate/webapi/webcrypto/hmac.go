package webcrypto

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// hmacMechanism is https://w3c.github.io/webcrypto/#hmac
var hmacMechanism = &mechanism{
	name: "HMAC", jwk: "HS",
	sign: func(_ *params, k *key, data []byte) ([]byte, error) { return k.authenticate(data, nil), nil },
	verify: func(_ *params, k *key, signature, data []byte) (bool, error) {
		var room [64]byte
		return hmac.Equal(signature, k.authenticate(data, room[:0])), nil
	},
	generate:     generateHMAC,
	generateDict: hmacKeyGenParams,
	importKey:    importHMAC,
	importDict:   hmacImportParams,
	exportKey:    exportHMAC,
	keyLength:    hmacLength,
	lengthDict:   hmacImportParams,
}

const hmacUsages = useSign | useVerify

// maxSecret bounds the secrets that are made at once, in bytes.
const maxSecret = 1 << 20

// authenticate appends the message authentication code of data.
func (k *key) authenticate(data, to []byte) []byte {
	if k.mac == nil {
		k.mac = hmac.New(k.hash.new, k.secret)
	} else {
		k.mac.Reset()
	}
	k.mac.Write(data)
	return k.mac.Sum(to)
}

// generateHMAC is https://w3c.github.io/webcrypto/#hmac-operations-generate-key
func generateHMAC(p *params, extractable bool, u usages) (generated, error) {
	if !u.within(hmacUsages) {
		return generated{}, errUsages()
	}
	n := p.hash.block * 8
	if p.length.Set {
		if n = int(p.length.Value); n == 0 || n > maxSecret*8 {
			return generated{}, operationError("The length of an HMAC key must be between 1 and %d bits.", maxSecret*8)
		}
	}
	secret := make([]byte, (n+7)/8)
	_, _ = rand.Read(secret) // it never fails
	truncate(secret, n)
	return generated{secret: &key{kind: secretKey, mechanism: p.mechanism, extractable: extractable, usages: u, hash: p.hash, length: n, secret: secret}}, nil
}

// truncate clears the bits after the first n.
func truncate(b []byte, n int) {
	if rest := n % 8; rest != 0 {
		b[len(b)-1] &= 0xff << (8 - rest)
	}
}

// importHMAC is https://w3c.github.io/webcrypto/#hmac-operations-import-key
func importHMAC(p *params, d keyData, extractable bool, u usages) (*key, error) {
	// 2. If usages contains an entry which is not "sign" or "verify", throw a SyntaxError.
	if !u.within(hmacUsages) {
		return nil, errUsages()
	}
	// 4.
	secret, err := symmetric(d, extractable, u, "sig", p.mechanism.jwk+p.hash.jwk)
	if err != nil {
		return nil, err
	}
	// 5.-7. The length must be that of the data, in bytes.
	n := len(secret) * 8
	if n == 0 {
		return nil, dataError("HMAC key data must not be empty")
	}
	if p.length.Set {
		asked := int(p.length.Value)
		if asked > n || asked <= n-8 {
			return nil, dataError("The requested length of %d bits does not fit HMAC key data of %d bits", asked, n)
		}
		n = asked
		truncate(secret, n)
	}
	return &key{kind: secretKey, mechanism: p.mechanism, extractable: extractable, usages: u, hash: p.hash, length: n, secret: secret}, nil
}

// symmetric returns the bytes of a symmetric key in one of the formats raw and jwk, for
// the caller to keep.
func symmetric(d keyData, extractable bool, u usages, use string, alg string) ([]byte, error) {
	switch d.format {
	case raw:
		return bytes.Clone(d.bytes), nil
	case inJWK:
		if err := d.jwk.is("oct"); err != nil {
			return nil, err
		}
		secret, err := d.jwk.bytes("k", d.jwk.k)
		if err != nil {
			return nil, err
		}
		if err := d.jwk.algorithm(alg); err != nil {
			return nil, err
		}
		return secret, d.jwk.permits(extractable, u, use)
	}
	return nil, errFormat(d.format)
}

// exportHMAC is https://w3c.github.io/webcrypto/#hmac-operations-export-key
func exportHMAC(k *key, f format) (keyData, error) {
	return exportSymmetric(k, f, k.mechanism.jwk+k.hash.jwk)
}

func exportSymmetric(k *key, f format, alg string) (keyData, error) {
	switch f {
	case raw:
		return keyData{format: f, bytes: bytes.Clone(k.secret)}, nil
	case inJWK:
		j := newJWK(k, "oct")
		j.k, j.alg = encoded(k.secret), text{Value: alg, Set: true}
		return keyData{format: f, jwk: j}, nil
	}
	return keyData{}, errFormat(f)
}

// hmacLength is https://w3c.github.io/webcrypto/#hmac-operations-get-key-length
func hmacLength(p *params) (int, error) {
	if !p.length.Set {
		return p.hash.block * 8, nil
	}
	if p.length.Value == 0 {
		return 0, webidl.TypeError("The length of an HMAC key must not be zero")
	}
	return int(p.length.Value), nil
}
