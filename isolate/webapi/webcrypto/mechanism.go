package webcrypto

import (
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A mechanism is one registered algorithm with the operations that it supports; the
// functions of the others are nil. https://w3c.github.io/webcrypto/#algorithms
type mechanism struct {
	name string
	// jwk is what the names of JWK algorithms have of it, such as "GCM" of "A128GCM".
	jwk string

	encrypt    func(p *params, k *key, data []byte) ([]byte, error)
	decrypt    func(p *params, k *key, data []byte) ([]byte, error)
	wrap       func(p *params, k *key, data []byte) ([]byte, error) // where it is not encrypt
	unwrap     func(p *params, k *key, data []byte) ([]byte, error) // where it is not decrypt
	sign       func(p *params, k *key, data []byte) ([]byte, error)
	verify     func(p *params, k *key, signature, data []byte) (bool, error)
	generate   func(p *params, extractable bool, u usages) (generated, error)
	importKey  func(p *params, d keyData, extractable bool, u usages) (*key, error)
	exportKey  func(k *key, f format) (keyData, error)
	deriveBits func(p *params, k *key, length int) ([]byte, error)
	// keyLength is the number of bits of a derived key, or wholeSecret.
	keyLength func(p *params) (int, error)

	// The dictionaries of the operations' parameters; nil where there are none but the name.
	cipherDict, signDict, generateDict, importDict, deriveDict, lengthDict *dict
}

// wholeSecret is the length that asks for all bits of a derived secret: null in the standard.
const wholeSecret = -1

// dict converts an object to the parameters that it holds.
type dict = webidl.Type[params]

// An operation is a key of the table of supported algorithms:
// https://w3c.github.io/webcrypto/#algorithm-normalization-internal
type operation uint8

const (
	opEncrypt operation = iota
	opDecrypt
	opSign
	opVerify
	opGenerateKey
	opImportKey
	opDeriveBits
	opKeyLength
	opWrapKey
	opUnwrapKey
)

// supports reports whether the algorithm is registered for op, and with which dictionary.
func (m *mechanism) supports(op operation) (*dict, bool) {
	switch op {
	case opEncrypt:
		return m.cipherDict, m.encrypt != nil
	case opDecrypt:
		return m.cipherDict, m.decrypt != nil
	case opSign:
		return m.signDict, m.sign != nil
	case opVerify:
		return m.signDict, m.verify != nil
	case opGenerateKey:
		return m.generateDict, m.generate != nil
	case opImportKey:
		return m.importDict, m.importKey != nil
	case opDeriveBits:
		return m.deriveDict, m.deriveBits != nil
	case opKeyLength:
		return m.lengthDict, m.keyLength != nil
	case opWrapKey:
		return m.cipherDict, m.encrypt != nil || m.wrap != nil
	case opUnwrapKey:
		return m.cipherDict, m.decrypt != nil || m.unwrap != nil
	}
	return nil, false
}

// mechanisms are all registered algorithms but the hash functions.
var mechanisms = [...]*mechanism{
	hmacMechanism,
	rsassa, rsaPSS, rsaOAEP,
	ecdsaMechanism, ecdhMechanism,
	ed25519Mechanism, nodeEd25519, x25519Mechanism,
	aesGCM, aesCBC, aesCTR, aesKW,
	hkdfMechanism, pbkdf2Mechanism,
}

// mechanismNamed finds a registered algorithm, whatever the case of the ASCII letters
// of its name.
func mechanismNamed(name string) *mechanism {
	for _, m := range mechanisms {
		if sameName(m.name, name) {
			return m
		}
	}
	return nil
}

// sameName compares two names without the case of ASCII letters.
func sameName(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	if a == b {
		return true
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
