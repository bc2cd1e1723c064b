package webcrypto

import "crypto/ecdh"

// x25519Mechanism is https://w3c.github.io/webcrypto/#x25519
var x25519Mechanism = &mechanism{
	name:       "X25519",
	deriveBits: deriveECDH, deriveDict: ecdhKeyDeriveParams,
	generate:  x25519Keys.generate,
	importKey: x25519Keys.importKey, exportKey: x25519Keys.exportKey,
}

var x25519Keys = &okp{
	crv: "X25519", use: "enc", private: useDeriveKey | useDeriveBits,
	newPrivate: func(seed []byte) any {
		k, err := ecdh.X25519().NewPrivateKey(seed)
		if err != nil {
			panic(err) // any 32 bytes are a key
		}
		return k
	},
	newPublic: func(b []byte) any {
		k, err := ecdh.X25519().NewPublicKey(b)
		if err != nil {
			panic(err) // any 32 bytes are a key
		}
		return k
	},
	fromSPKI: func(der []byte) (any, error) {
		k, err := parseSPKI[*ecdh.PublicKey](der)
		if err == nil && k.Curve() != ecdh.X25519() {
			err = errOtherCurve()
		}
		return k, err
	},
	fromPKCS8: func(der []byte) (any, error) {
		k, err := parsePKCS8[*ecdh.PrivateKey](der)
		if err == nil && k.Curve() != ecdh.X25519() {
			err = errOtherCurve()
		}
		return k, err
	},
	seed: func(private any) []byte { return private.(*ecdh.PrivateKey).Bytes() },
	point: func(pair any) []byte {
		if private, ok := pair.(*ecdh.PrivateKey); ok {
			return private.PublicKey().Bytes()
		}
		return pair.(*ecdh.PublicKey).Bytes()
	},
}
