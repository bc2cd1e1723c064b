package webcrypto

import (
	"crypto/hmac"
	"crypto/subtle"
	"encoding/binary"
)

// pbkdf2Mechanism is https://w3c.github.io/webcrypto/#pbkdf2
var pbkdf2Mechanism = &mechanism{
	name:       "PBKDF2",
	deriveBits: derivePBKDF2, deriveDict: pbkdf2Params,
	importKey: importSecret, keyLength: anyLength,
}

// maxIterations is the limit of Workers.
const maxIterations = 100_000

// derivePBKDF2 is https://w3c.github.io/webcrypto/#pbkdf2-operations-derive-bits
func derivePBKDF2(p *params, k *key, length int) ([]byte, error) {
	// 1. If length is null or not a multiple of 8, throw an OperationError.
	size, err := derivedSize(length)
	if err != nil {
		return nil, err
	}
	// 2. If the iterations member is zero, throw an OperationError.
	if p.iterations == 0 {
		return nil, operationError("PBKDF2 requires at least one iteration")
	}
	if p.iterations > maxIterations {
		return nil, notSupported("Pbkdf2 failed: iteration counts above %d are not supported (requested %d).", maxIterations, p.iterations)
	}
	// 3. If length is zero, return an empty byte sequence.
	if size == 0 {
		return nil, nil
	}
	return pbkdf2(p.hash, k.secret, p.salt, int(p.iterations), size, p.checkpoint), nil
}

// iterationsAtOnce is how much is done between two checkpoints: some milliseconds' work.
const iterationsAtOnce = 4096

// pbkdf2 is https://www.rfc-editor.org/rfc/rfc8018#section-5.2. The standard library's
// own cannot be stopped on its way.
func pbkdf2(h *hashFunction, password, salt []byte, iterations, size int, checkpoint func()) []byte {
	prf := hmac.New(h.new, password)
	out := make([]byte, 0, size+prf.Size())
	u := make([]byte, 0, prf.Size())
	done := 0
	for block := uint32(1); len(out) < size; block++ {
		prf.Reset()
		prf.Write(salt)
		prf.Write(binary.BigEndian.AppendUint32(u, block))
		at := len(out)
		out = prf.Sum(out)
		t := out[at:]
		u = append(u[:0], t...)
		for range iterations - 1 {
			prf.Reset()
			prf.Write(u)
			u = prf.Sum(u[:0])
			subtle.XORBytes(t, t, u)
			if done++; done%iterationsAtOnce == 0 {
				checkpoint()
			}
		}
		u = u[:0]
		if done++; done%iterationsAtOnce == 0 {
			checkpoint()
		}
	}
	return out[:size]
}
