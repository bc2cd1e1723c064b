package webcrypto

import (
	"crypto/cipher"
	"crypto/subtle"
)

// aesGCM is https://w3c.github.io/webcrypto/#aes-gcm
var aesGCM = &mechanism{
	name: "AES-GCM", jwk: "GCM",
	encrypt: encryptGCM, decrypt: decryptGCM, cipherDict: aesGcmParams,
	generate: generateAES, generateDict: aesKeyGenParams,
	importKey: importAES, exportKey: exportAES,
	keyLength: aesLength, lengthDict: aesDerivedKeyParams,
}

const fullTag = 16 // bytes

// encryptGCM is https://w3c.github.io/webcrypto/#aes-gcm-operations-encrypt
func encryptGCM(p *params, k *key, data []byte) ([]byte, error) {
	aead, tag, err := gcm(p, k)
	if err != nil {
		return nil, err
	}
	// A shorter tag is the start of the full one.
	out := aead.Seal(make([]byte, 0, len(data)+fullTag), p.iv, data, p.additionalData)
	return out[:len(data)+tag], nil
}

// decryptGCM is https://w3c.github.io/webcrypto/#aes-gcm-operations-decrypt
func decryptGCM(p *params, k *key, data []byte) ([]byte, error) {
	aead, tag, err := gcm(p, k)
	if err != nil {
		return nil, err
	}
	// If data has a length less than the tag's, throw an OperationError.
	if len(data) < tag {
		return nil, operationError("The provided data is too small")
	}
	if tag == fullTag {
		out, err := aead.Open(nil, p.iv, data, p.additionalData)
		if err != nil {
			return nil, errDecrypt()
		}
		return out, nil
	}
	// The package opens no short tags: encrypting nothing but zeros yields the key
	// stream, and encrypting the plaintext again the tag to compare.
	encrypted, given := data[:len(data)-tag], data[len(data)-tag:]
	stream := aead.Seal(nil, p.iv, make([]byte, len(encrypted)), nil)
	plain := make([]byte, len(encrypted))
	subtle.XORBytes(plain, encrypted, stream)
	again := aead.Seal(stream[:0], p.iv, plain, p.additionalData)
	if subtle.ConstantTimeCompare(again[len(plain):len(plain)+tag], given) == 0 {
		return nil, errDecrypt()
	}
	return plain, nil
}

// gcm checks the parameters and returns the cipher for them with the tag's length in bytes.
func gcm(p *params, k *key) (aead cipher.AEAD, tag int, err error) {
	bits := uint32(128)
	if p.tagLength.Set {
		bits = p.tagLength.Value
	}
	switch bits {
	case 32, 64, 96, 104, 112, 120, 128:
	default:
		return nil, 0, operationError("The tag length is invalid: Must be 32, 64, 96, 104, 112, 120, or 128 bits")
	}
	if len(p.iv) == 0 {
		return nil, 0, operationError("The AES-GCM IV must not be empty")
	}
	if len(p.iv) != 12 {
		aead, err = cipher.NewGCMWithNonceSize(k.aesCipher(), len(p.iv))
		return aead, int(bits / 8), err
	}
	if k.gcm == nil {
		if k.gcm, err = cipher.NewGCM(k.aesCipher()); err != nil {
			return nil, 0, err
		}
	}
	return k.gcm, int(bits / 8), nil
}
