package webcrypto

import "crypto/hkdf"

// hkdfMechanism is https://w3c.github.io/webcrypto/#hkdf
var hkdfMechanism = &mechanism{
	name:       "HKDF",
	deriveBits: deriveHKDF, deriveDict: hkdfParams,
	importKey: importSecret, keyLength: anyLength,
}

// deriveHKDF is https://w3c.github.io/webcrypto/#hkdf-operations-derive-bits
func deriveHKDF(p *params, k *key, length int) ([]byte, error) {
	size, err := derivedSize(length)
	if err != nil || size == 0 {
		return nil, err
	}
	out, err := hkdf.Key(p.hash.new, k.secret, p.salt, string(p.info), size)
	if err != nil {
		return nil, operationError("HKDF cannot derive %d bits by %s", length, p.hash.name)
	}
	return out, nil
}
