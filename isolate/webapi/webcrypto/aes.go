package webcrypto

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
)

// What the algorithms over AES share: https://w3c.github.io/webcrypto/#aes-cbc and following.

const cipherUsages = useEncrypt | useDecrypt | useWrapKey | useUnwrapKey

func aesUsages(m *mechanism) usages {
	if m.encrypt == nil { // AES-KW
		return useWrapKey | useUnwrapKey
	}
	return cipherUsages
}

// generateAES is https://w3c.github.io/webcrypto/#aes-cbc-operations-generate-key
func generateAES(p *params, extractable bool, u usages) (generated, error) {
	// 1. If usages contains an entry that the algorithm lacks, throw a SyntaxError.
	if !u.within(aesUsages(p.mechanism)) {
		return generated{}, errUsages()
	}
	// 2. If the length is not equal to one of 128, 192 or 256, throw an OperationError.
	n, err := aesLength(p)
	if err != nil {
		return generated{}, err
	}
	// 3. Generate an AES key.
	secret := make([]byte, n/8)
	_, _ = rand.Read(secret) // it never fails
	return generated{secret: &key{kind: secretKey, mechanism: p.mechanism, extractable: extractable, usages: u, length: n, secret: secret}}, nil
}

// aesLength is https://w3c.github.io/webcrypto/#aes-cbc-operations-get-key-length
func aesLength(p *params) (int, error) {
	switch n := int(p.length.Value); n {
	case 128, 192, 256:
		return n, nil
	}
	return 0, operationError("AES key length must be 128, 192, or 256 bits")
}

// importAES is https://w3c.github.io/webcrypto/#aes-cbc-operations-import-key
func importAES(p *params, d keyData, extractable bool, u usages) (*key, error) {
	if !u.within(aesUsages(p.mechanism)) {
		return nil, errUsages()
	}
	alg := ""
	if d.jwk != nil {
		alg = fmt.Sprintf("A%d%s", len(d.jwk.k.Value)*6/8*8, p.mechanism.jwk)
	}
	secret, err := symmetric(d, extractable, u, "enc", alg)
	if err != nil {
		return nil, err
	}
	switch len(secret) {
	case 16, 24, 32:
		return &key{kind: secretKey, mechanism: p.mechanism, extractable: extractable, usages: u, length: len(secret) * 8, secret: secret}, nil
	}
	return nil, dataError("AES key data must be 128, 192 or 256 bits")
}

// exportAES is https://w3c.github.io/webcrypto/#aes-cbc-operations-export-key
func exportAES(k *key, f format) (keyData, error) {
	return exportSymmetric(k, f, fmt.Sprintf("A%d%s", k.length, k.mechanism.jwk))
}

// aesCipher returns the key's block cipher.
func (k *key) aesCipher() cipher.Block {
	if k.block == nil {
		b, err := aes.NewCipher(k.secret)
		if err != nil {
			panic(err) // the length was checked
		}
		k.block = b
	}
	return k.block
}
