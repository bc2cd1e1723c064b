package webcrypto

import "bytes"

// What HKDF and PBKDF2 share: keys that secrets are derived from.

// importSecret is https://w3c.github.io/webcrypto/#hkdf-operations-import-key and
// https://w3c.github.io/webcrypto/#pbkdf2-operations-import-key
func importSecret(p *params, d keyData, extractable bool, u usages) (*key, error) {
	if d.format != raw {
		return nil, errFormat(d.format)
	}
	if !u.within(useDeriveKey | useDeriveBits) {
		return nil, errUsages()
	}
	if extractable {
		return nil, syntaxError("%s keys must be set as extractable=false", p.mechanism.name)
	}
	return &key{kind: secretKey, mechanism: p.mechanism, usages: u, secret: bytes.Clone(d.bytes)}, nil
}

// anyLength is the get key length operation of such keys: their length is not fixed.
func anyLength(*params) (int, error) { return wholeSecret, nil }

// derivedSize returns the number of bytes for a number of bits asked for.
func derivedSize(length int) (int, error) {
	if length == wholeSecret || length%8 != 0 {
		return 0, operationError("The length must be given, in bits, as a multiple of 8")
	}
	if length > maxSecret*8 {
		return 0, operationError("No more than %d bits can be derived at once", maxSecret*8)
	}
	return length / 8, nil
}
