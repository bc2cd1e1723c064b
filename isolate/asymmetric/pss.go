package asymmetric

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"math/big"
)

// Salt lengths of PSS that are no numbers of bytes.
const (
	SaltDigest = -1 // as long as the digest
	SaltAuto   = -2 // as long as fits, and on verification whatever it is
)

// SignPSS is RSASSA-PSS-SIGN of a digest, with a salt of some bytes:
// https://www.rfc-editor.org/rfc/rfc8017#section-8.1.1
func SignPSS(k *rsa.PrivateKey, h crypto.Hash, digest []byte, salt int) ([]byte, error) {
	if salt == 0 { // which package rsa takes for "as long as fits"
		return signUnsalted(k, h, digest)
	}
	return rsa.SignPSS(rand.Reader, k, h, digest, pssOptions(h, salt))
}

// VerifyPSS is the verification of what SignPSS makes.
func VerifyPSS(k *rsa.PublicKey, h crypto.Hash, digest, signature []byte, salt int) bool {
	if salt == 0 {
		return verifyUnsalted(k, h, digest, signature)
	}
	return rsa.VerifyPSS(k, h, digest, signature, pssOptions(h, salt)) == nil
}

func pssOptions(h crypto.Hash, salt int) *rsa.PSSOptions {
	switch salt {
	case SaltDigest:
		salt = rsa.PSSSaltLengthEqualsHash
	case SaltAuto:
		salt = rsa.PSSSaltLengthAuto
	}
	return &rsa.PSSOptions{SaltLength: salt, Hash: h}
}

func sumOf(h crypto.Hash, data []byte) []byte {
	state := h.New()
	state.Write(data)
	return state.Sum(nil)
}

// encodeUnsalted is EMSA-PSS-ENCODE with an empty salt, for a modulus of the given
// number of bits; nil if it is too short:
// https://www.rfc-editor.org/rfc/rfc8017#section-9.1.1
func encodeUnsalted(h crypto.Hash, digest []byte, modulusBits int) []byte {
	size := (modulusBits - 1 + 7) / 8
	if size < len(digest)+2 {
		return nil
	}
	out := make([]byte, size)
	// M' is eight zero bytes, mHash and the salt; H is its hash; DB is zeros, 01 and the salt.
	at := size - len(digest) - 1
	sum := sumOf(h, append(make([]byte, 8), digest...))
	out[at-1] = 1
	mask(h, out[:at], sum)
	copy(out[at:], sum)
	out[size-1] = 0xbc
	out[0] &= 0xff >> (8*size - (modulusBits - 1))
	return out
}

// mask applies MGF1 of seed to b: https://www.rfc-editor.org/rfc/rfc8017#appendix-B.2.1
func mask(h crypto.Hash, b, seed []byte) {
	block := append([]byte(nil), seed...)
	block = append(block, 0, 0, 0, 0)
	for i := uint32(0); len(b) > 0; i++ {
		binary.BigEndian.PutUint32(block[len(seed):], i)
		b = b[subtle.XORBytes(b, b, sumOf(h, block)):]
	}
}

// signUnsalted signs with an empty salt.
func signUnsalted(k *rsa.PrivateKey, h crypto.Hash, digest []byte) ([]byte, error) {
	encoded := encodeUnsalted(h, digest, k.N.BitLen())
	if encoded == nil {
		return nil, errors.New("the key is too short for this hash")
	}
	return private(k, encoded)
}

func verifyUnsalted(k *rsa.PublicKey, h crypto.Hash, digest, signature []byte) bool {
	encoded := encodeUnsalted(h, digest, k.N.BitLen())
	s := new(big.Int).SetBytes(signature)
	if encoded == nil || len(signature) != k.Size() || s.Cmp(k.N) >= 0 {
		return false
	}
	return s.Exp(s, big.NewInt(int64(k.E)), k.N).Cmp(new(big.Int).SetBytes(encoded)) == 0
}
