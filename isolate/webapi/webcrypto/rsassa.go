package webcrypto

import "crypto/rsa"

// rsassa is https://w3c.github.io/webcrypto/#rsassa-pkcs1
var rsassa = &mechanism{
	name: "RSASSA-PKCS1-v1_5", jwk: "RS",
	sign: func(_ *params, k *key, data []byte) ([]byte, error) {
		private, err := k.rsaPrivate()
		if err != nil {
			return nil, err
		}
		signature, err := rsa.SignPKCS1v15(nil, private, k.hash.id, k.hash.sum(data))
		if err != nil {
			return nil, operationError("The data cannot be signed: %v", err)
		}
		return signature, nil
	},
	verify: func(_ *params, k *key, signature, data []byte) (bool, error) {
		if err := k.must(publicKey); err != nil {
			return false, err
		}
		return rsa.VerifyPKCS1v15(k.rsaPublic(), k.hash.id, k.hash.sum(data), signature) == nil, nil
	},
	generate: generateRSA, generateDict: rsaHashedKeyGen,
	importKey: importRSA, importDict: rsaHashedImport, exportKey: exportRSA,
}
