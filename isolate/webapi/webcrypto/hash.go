package webcrypto

import (
	"crypto"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// A hashFunction is a registered digest algorithm: https://w3c.github.io/webcrypto/#sha
type hashFunction struct {
	name  string
	jwk   string // what the names of JWK algorithms have of it, such as "256" of "HS256"
	id    crypto.Hash
	block int // bytes
	new   func() hash.Hash
	sum   func(data []byte) []byte
}

var hashFunctions = [...]*hashFunction{
	{"SHA-256", "256", crypto.SHA256, 64, sha256.New, func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }},
	{"SHA-1", "1", crypto.SHA1, 64, sha1.New, func(b []byte) []byte { s := sha1.Sum(b); return s[:] }},
	{"SHA-384", "384", crypto.SHA384, 128, sha512.New384, func(b []byte) []byte { s := sha512.Sum384(b); return s[:] }},
	{"SHA-512", "512", crypto.SHA512, 128, sha512.New, func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }},
}

// md5Function is what Workers add for the digests that old protocols need. No key can
// be made for it.
var md5Function = &hashFunction{"MD5", "", crypto.MD5, 64, md5.New, func(b []byte) []byte { s := md5.Sum(b); return s[:] }}

// hashNamed finds the hash function of a key or a derivation.
func hashNamed(name string) (*hashFunction, error) {
	for _, h := range hashFunctions {
		if sameName(h.name, name) {
			return h, nil
		}
	}
	return nil, notSupported("Algorithm: Unrecognized name")
}

// digestNamed finds the algorithm of a digest.
func digestNamed(name string) (*hashFunction, error) {
	if sameName(md5Function.name, name) {
		return md5Function, nil
	}
	return hashNamed(name)
}
