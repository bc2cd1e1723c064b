package webcrypto

import (
	"crypto/rand"
	"crypto/rsa"
)

// rsaOAEP is https://w3c.github.io/webcrypto/#rsa-oaep
var rsaOAEP = &mechanism{
	name: "RSA-OAEP", jwk: "RSA-OAEP",
	encrypt: func(p *params, k *key, data []byte) ([]byte, error) {
		if err := k.must(publicKey); err != nil {
			return nil, err
		}
		out, err := rsa.EncryptOAEP(k.hash.new(), rand.Reader, k.rsaPublic(), data, p.label)
		if err != nil {
			return nil, operationError("The data cannot be encrypted: %v", err)
		}
		return out, nil
	},
	decrypt: func(p *params, k *key, data []byte) ([]byte, error) {
		private, err := k.rsaPrivate()
		if err != nil {
			return nil, err
		}
		out, err := rsa.DecryptOAEP(k.hash.new(), nil, private, data, p.label)
		if err != nil {
			return nil, errDecrypt()
		}
		return out, nil
	},
	cipherDict: rsaOaepParams,
	generate:   generateRSA, generateDict: rsaHashedKeyGen,
	importKey: importRSA, importDict: rsaHashedImport, exportKey: exportRSA,
}
