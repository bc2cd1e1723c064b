package webcrypto

import (
	"crypto/cipher"
	"hash"
)

// A keyKind is a KeyType: https://w3c.github.io/webcrypto/#dfn-KeyType
type keyKind string

const (
	secretKey  keyKind = "secret"
	privateKey keyKind = "private"
	publicKey  keyKind = "public"
)

// A key is the inner side of a CryptoKey. What it says never changes; the ciphers that
// it caches make it belong to one isolate.
type key struct {
	kind        keyKind
	extractable bool
	usages      usages
	mechanism   *mechanism
	hash        *hashFunction // of HMAC and RSA keys
	length      int           // bits, of AES and HMAC keys
	curve       *curve        // of ECDSA and ECDH keys
	secret      []byte        // of secret keys
	// pair is an *rsa.PublicKey, *rsa.PrivateKey, *ecdsa.PublicKey, *ecdsa.PrivateKey,
	// *ecdh.PublicKey, *ecdh.PrivateKey, ed25519.PublicKey or ed25519.PrivateKey.
	pair any

	block cipher.Block // of AES keys, made at first use
	gcm   cipher.AEAD  // of AES-GCM keys for a 12-byte IV and a 16-byte tag
	mac   hash.Hash    // of HMAC keys
}

// check reports why the key cannot be used for an operation of m that needs usage u.
func (k *key) check(m *mechanism, u usages) error {
	if k.mechanism != m {
		return invalidAccess("key.algorithm does not match that of operation")
	}
	if !k.usages.has(u) {
		return invalidAccess("key.usages does not permit this operation")
	}
	return nil
}

// must reports why the key is not of the kind that an operation needs.
func (k *key) must(kind keyKind) error {
	if k.kind != kind {
		return invalidAccess("The key is a %s key, but the operation needs a %s key.", k.kind, kind)
	}
	return nil
}

// A generated key: secret, or a pair.
type generated struct{ secret, private, public *key }

// A format is a KeyFormat: https://w3c.github.io/webcrypto/#dfn-KeyFormat
type format string

const (
	raw   format = "raw"
	spki  format = "spki"
	pkcs8 format = "pkcs8"
	inJWK format = "jwk"
)

// keyData is a key as it is imported from or exported to.
type keyData struct {
	format format
	bytes  []byte // nil for a JWK
	jwk    *jwk
}
