package asymmetric

import (
	"crypto"
	"crypto/rsa"
)

// ripemd160Prefix begins the DigestInfo of RIPEMD-160. Package rsa has one with another
// identifier of the hash function, which nobody else uses.
const ripemd160Prefix = "\x30\x21\x30\x09\x06\x05\x2b\x24\x03\x02\x01\x05\x00\x04\x14"

// SignPKCS1 is RSASSA-PKCS1-v1_5 signature generation of a digest:
// https://www.rfc-editor.org/rfc/rfc8017#section-8.2.1
func SignPKCS1(k *rsa.PrivateKey, h crypto.Hash, digest []byte) ([]byte, error) {
	h, digest = digestInfo(h, digest)
	return rsa.SignPKCS1v15(nil, k, h, digest)
}

// VerifyPKCS1 is the verification of what SignPKCS1 makes.
func VerifyPKCS1(k *rsa.PublicKey, h crypto.Hash, digest, signature []byte) bool {
	h, digest = digestInfo(h, digest)
	return rsa.VerifyPKCS1v15(k, h, digest, signature) == nil
}

func digestInfo(h crypto.Hash, digest []byte) (crypto.Hash, []byte) {
	if h != crypto.RIPEMD160 {
		return h, digest
	}
	return 0, append([]byte(ripemd160Prefix), digest...)
}
