package webcrypto

import (
	"crypto/aes"
	"crypto/cipher"
)

// aesCBC is https://w3c.github.io/webcrypto/#aes-cbc
var aesCBC = &mechanism{
	name: "AES-CBC", jwk: "CBC",
	encrypt: encryptCBC, decrypt: decryptCBC, cipherDict: aesCbcParams,
	generate: generateAES, generateDict: aesKeyGenParams,
	importKey: importAES, exportKey: exportAES,
	keyLength: aesLength, lengthDict: aesDerivedKeyParams,
}

// encryptCBC is https://w3c.github.io/webcrypto/#aes-cbc-operations-encrypt
func encryptCBC(p *params, k *key, data []byte) ([]byte, error) {
	// 1. If the iv is not 16 bytes, throw an OperationError.
	if len(p.iv) != aes.BlockSize {
		return nil, errCBCIV()
	}
	// 2. Pad by RFC 2315, section 10.3.
	padding := aes.BlockSize - len(data)%aes.BlockSize
	out := make([]byte, len(data)+padding)
	copy(out, data)
	for i := len(data); i < len(out); i++ {
		out[i] = byte(padding)
	}
	// 3. Encrypt in CBC mode.
	cipher.NewCBCEncrypter(k.aesCipher(), p.iv).CryptBlocks(out, out)
	return out, nil
}

// decryptCBC is https://w3c.github.io/webcrypto/#aes-cbc-operations-decrypt
func decryptCBC(p *params, k *key, data []byte) ([]byte, error) {
	if len(p.iv) != aes.BlockSize {
		return nil, errCBCIV()
	}
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, operationError("The ciphertext of AES-CBC must be a positive multiple of 16 bytes, but has %d", len(data))
	}
	out := make([]byte, len(data))
	cipher.NewCBCDecrypter(k.aesCipher(), p.iv).CryptBlocks(out, data)
	// If the padding is not of RFC 2315, throw an OperationError.
	padding := int(out[len(out)-1])
	if padding == 0 || padding > aes.BlockSize {
		return nil, errDecrypt()
	}
	wrong := byte(0)
	for _, b := range out[len(out)-padding:] {
		wrong |= b ^ byte(padding)
	}
	if wrong != 0 {
		return nil, errDecrypt()
	}
	return out[:len(out)-padding], nil
}

func errCBCIV() error { return operationError("AES-CBC IV must be 16 bytes long") }

// errDecrypt says no more than that, lest it tell an attacker what was wrong.
func errDecrypt() error {
	return operationError("The operation failed for an operation-specific reason")
}
