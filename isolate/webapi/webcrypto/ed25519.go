package webcrypto

import "crypto/ed25519"

// ed25519Mechanism is https://w3c.github.io/webcrypto/#ed25519
var ed25519Mechanism = &mechanism{
	name: "Ed25519",
	sign: signEd25519, verify: verifyEd25519,
	generate:  ed25519Keys.generate,
	importKey: ed25519Keys.importKey, exportKey: ed25519Keys.exportKey,
}

// nodeEd25519 is what Workers called it before it was in the standard.
var nodeEd25519 = &mechanism{
	name: "NODE-ED25519",
	sign: signEd25519, verify: verifyEd25519,
	generate: ed25519Keys.generate, generateDict: ecKeyGenParams,
	importKey: ed25519Keys.importKey, importDict: ecKeyImportParams, exportKey: ed25519Keys.exportKey,
}

var ed25519Keys = &okp{
	crv: "Ed25519", use: "sig", private: useSign, public: useVerify,
	newPrivate: func(seed []byte) any { return ed25519.NewKeyFromSeed(seed) },
	newPublic:  func(b []byte) any { return ed25519.PublicKey(b) },
	fromSPKI:   func(der []byte) (any, error) { return parseSPKI[ed25519.PublicKey](der) },
	fromPKCS8:  func(der []byte) (any, error) { return parsePKCS8[ed25519.PrivateKey](der) },
	seed:       func(private any) []byte { return private.(ed25519.PrivateKey).Seed() },
	point: func(pair any) []byte {
		if private, ok := pair.(ed25519.PrivateKey); ok {
			return private.Public().(ed25519.PublicKey)
		}
		return pair.(ed25519.PublicKey)
	},
}

func signEd25519(_ *params, k *key, data []byte) ([]byte, error) {
	if err := k.must(privateKey); err != nil {
		return nil, err
	}
	return ed25519.Sign(k.pair.(ed25519.PrivateKey), data), nil
}

func verifyEd25519(_ *params, k *key, signature, data []byte) (bool, error) {
	if err := k.must(publicKey); err != nil {
		return false, err
	}
	return ed25519.Verify(k.pair.(ed25519.PublicKey), data, signature), nil
}
