package webcrypto

import (
	"crypto/ecdh"
)

// ecdhMechanism is https://w3c.github.io/webcrypto/#ecdh
var ecdhMechanism = &mechanism{
	name:       "ECDH",
	deriveBits: deriveECDH, deriveDict: ecdhKeyDeriveParams,
	generate: generateEC, generateDict: ecKeyGenParams,
	importKey: importEC, importDict: ecKeyImportParams, exportKey: exportEC,
}

// deriveECDH is https://w3c.github.io/webcrypto/#ecdh-operations-derive-bits and
// https://w3c.github.io/webcrypto/#x25519-operations-derive-bits
func deriveECDH(p *params, k *key, length int) ([]byte, error) {
	// 1. If the type of key is not "private", throw an InvalidAccessError.
	if err := k.must(privateKey); err != nil {
		return nil, err
	}
	// 3.-5. publicKey must be a public key of the same algorithm and curve.
	public := &p.public.key
	if err := public.must(publicKey); err != nil {
		return nil, err
	}
	if public.mechanism != k.mechanism || public.curve != k.curve {
		return nil, invalidAccess("The public key is not of the private key's algorithm and curve")
	}
	// 6.
	secret, err := k.pair.(*ecdh.PrivateKey).ECDH(public.pair.(*ecdh.PublicKey))
	if err != nil {
		return nil, operationError("The keys share no secret")
	}
	// 7. If length is null return secret, and otherwise its first length bits.
	if length == wholeSecret {
		return secret, nil
	}
	if length > len(secret)*8 {
		return nil, operationError("The length provided is too long: %d bits were asked for, but the secret has %d", length, len(secret)*8)
	}
	secret = secret[:(length+7)/8]
	truncate(secret, length)
	return secret, nil
}
