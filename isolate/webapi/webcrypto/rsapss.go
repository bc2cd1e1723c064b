package webcrypto

import (
	"github.com/mayfly-edge/mayfly/isolate/asymmetric"
)

// rsaPSS is https://w3c.github.io/webcrypto/#rsa-pss
var rsaPSS = &mechanism{
	name: "RSA-PSS", jwk: "PS",
	sign: signPSS, verify: verifyPSS, signDict: rsaPssParams,
	generate: generateRSA, generateDict: rsaHashedKeyGen,
	importKey: importRSA, importDict: rsaHashedImport, exportKey: exportRSA,
}

// signPSS is https://w3c.github.io/webcrypto/#rsa-pss-operations-sign
func signPSS(p *params, k *key, data []byte) ([]byte, error) {
	private, err := k.rsaPrivate()
	if err != nil {
		return nil, err
	}
	if p.saltLength > maxModulus/8 {
		return nil, operationError("The saltLength does not fit the key")
	}
	signature, err := asymmetric.SignPSS(private, k.hash.id, k.hash.sum(data), int(p.saltLength))
	if err != nil {
		return nil, operationError("The data cannot be signed: %v", err)
	}
	return signature, nil
}

// verifyPSS is https://w3c.github.io/webcrypto/#rsa-pss-operations-verify
func verifyPSS(p *params, k *key, signature, data []byte) (bool, error) {
	if err := k.must(publicKey); err != nil {
		return false, err
	}
	if p.saltLength > maxModulus/8 {
		return false, nil
	}
	return asymmetric.VerifyPSS(k.rsaPublic(), k.hash.id, k.hash.sum(data), signature, int(p.saltLength)), nil
}
