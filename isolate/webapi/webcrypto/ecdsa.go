package webcrypto

import (
	"crypto/ecdsa"
	"crypto/rand"
	"math/big"
)

// ecdsaMechanism is https://w3c.github.io/webcrypto/#ecdsa
var ecdsaMechanism = &mechanism{
	name: "ECDSA",
	sign: signECDSA, verify: verifyECDSA, signDict: ecdsaParams,
	generate: generateEC, generateDict: ecKeyGenParams,
	importKey: importEC, importDict: ecKeyImportParams, exportKey: exportEC,
}

// signECDSA is https://w3c.github.io/webcrypto/#ecdsa-operations-sign: the signature is
// the numbers r and s, each as long as a coordinate.
func signECDSA(p *params, k *key, data []byte) ([]byte, error) {
	if err := k.must(privateKey); err != nil {
		return nil, err
	}
	r, s, err := ecdsa.Sign(rand.Reader, k.pair.(*ecdsa.PrivateKey), p.hash.sum(data))
	if err != nil {
		return nil, operationError("The data cannot be signed: %v", err)
	}
	out := make([]byte, 2*k.curve.size)
	r.FillBytes(out[:k.curve.size])
	s.FillBytes(out[k.curve.size:])
	return out, nil
}

// verifyECDSA is https://w3c.github.io/webcrypto/#ecdsa-operations-verify
func verifyECDSA(p *params, k *key, signature, data []byte) (bool, error) {
	if err := k.must(publicKey); err != nil {
		return false, err
	}
	if len(signature) != 2*k.curve.size {
		return false, nil
	}
	r := new(big.Int).SetBytes(signature[:k.curve.size])
	s := new(big.Int).SetBytes(signature[k.curve.size:])
	return ecdsa.Verify(k.pair.(*ecdsa.PublicKey), p.hash.sum(data), r, s), nil
}
