package webcrypto

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"math/big"
)

// aesCTR is https://w3c.github.io/webcrypto/#aes-ctr
var aesCTR = &mechanism{
	name: "AES-CTR", jwk: "CTR",
	encrypt: cryptCTR, decrypt: cryptCTR, cipherDict: aesCtrParams,
	generate: generateAES, generateDict: aesKeyGenParams,
	importKey: importAES, exportKey: exportAES,
	keyLength: aesLength, lengthDict: aesDerivedKeyParams,
}

// cryptCTR is https://w3c.github.io/webcrypto/#aes-ctr-operations-encrypt, and decrypt
// alike.
func cryptCTR(p *params, k *key, data []byte) ([]byte, error) {
	// 1. If the counter is not 16 bytes, throw an OperationError.
	if len(p.iv) != aes.BlockSize {
		return nil, operationError("The AES-CTR counter must be 16 bytes long")
	}
	// 2. If the length is zero or greater than 128, throw an OperationError.
	n := uint(p.length.Value)
	if n == 0 || n > 128 {
		return nil, operationError("The AES-CTR counter length must be between 1 and 128 bits")
	}
	out := make([]byte, len(data))
	block := k.aesCipher()
	left := blocksLeft(p.iv, n)
	blocks := uint64(len(data)+aes.BlockSize-1) / aes.BlockSize
	if left >= blocks {
		cipher.NewCTR(block, p.iv).XORKeyStream(out, data)
		return out, nil
	}
	// The counter wraps round without touching the bits before it, and may not meet
	// its start again.
	if n < 64 && blocks > 1<<n {
		return nil, operationError("The AES-CTR counter of %d bits is too short for %d bytes of data", n, len(data))
	}
	at := left * aes.BlockSize
	cipher.NewCTR(block, p.iv).XORKeyStream(out[:at], data[:at])
	cipher.NewCTR(block, counterZero(p.iv, n)).XORKeyStream(out[at:], data[at:])
	return out, nil
}

// blocksLeft is how many blocks there are before the n-bit counter wraps, or more than
// any data has.
func blocksLeft(counter []byte, n uint) uint64 {
	span := new(big.Int).Lsh(big.NewInt(1), n)
	value := new(big.Int).SetBytes(counter)
	value.Mod(value, span)
	if span.Sub(span, value); span.IsUint64() {
		return span.Uint64()
	}
	return 1 << 63
}

// counterZero returns the counter block with its last n bits cleared.
func counterZero(counter []byte, n uint) []byte {
	c := bytes.Clone(counter)
	for i := len(c) - 1; n > 0; i-- {
		cleared := min(n, 8)
		c[i] &= 0xff << cleared
		n -= cleared
	}
	return c
}
