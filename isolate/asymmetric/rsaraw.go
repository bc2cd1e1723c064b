package asymmetric

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"math/big"
)

// The errors of operations on raw numbers.
var (
	ErrTooLarge = errors.New("data too large for modulus")
	ErrTooShort = errors.New("data too small for key size")
	ErrPadding  = errors.New("invalid padding")
)

// private is RSADP and RSASP1, as long as the modulus. It is blinded, since arithmetic on
// big numbers takes a time that tells about them.
func private(k *rsa.PrivateKey, data []byte) ([]byte, error) {
	e, one := big.NewInt(int64(k.E)), big.NewInt(1)
	m := new(big.Int).SetBytes(data)
	if m.Cmp(k.N) >= 0 {
		return nil, ErrTooLarge
	}
	var r, inverse *big.Int
	for inverse == nil {
		var err error
		if r, err = rand.Int(rand.Reader, k.N); err != nil {
			return nil, err
		}
		if r.Cmp(one) > 0 {
			inverse = new(big.Int).ModInverse(r, k.N)
		}
	}
	blinded := new(big.Int).Exp(r, e, k.N)
	blinded.Mul(blinded, m).Mod(blinded, k.N)
	// RSASP1 by the Chinese remainder theorem, https://www.rfc-editor.org/rfc/rfc8017#section-5.2.1
	p, q := k.Primes[0], k.Primes[1]
	s1 := new(big.Int).Exp(blinded, k.Precomputed.Dp, p)
	s2 := new(big.Int).Exp(blinded, k.Precomputed.Dq, q)
	s1.Sub(s1, s2).Mul(s1, k.Precomputed.Qinv).Mod(s1, p)
	s := s1.Mul(s1, q).Add(s1, s2)
	s.Mul(s, inverse).Mod(s, k.N)
	// A fault in one half would give the primes away.
	if new(big.Int).Exp(s, e, k.N).Cmp(m) != 0 {
		return nil, errors.New("the private operation failed")
	}
	return s.FillBytes(make([]byte, k.Size())), nil
}

// PrivateRaw is the private operation without any padding: data must be as long as the
// modulus.
func PrivateRaw(k *rsa.PrivateKey, data []byte) ([]byte, error) {
	if err := fits(k.Size(), data); err != nil {
		return nil, err
	}
	return private(k, data)
}

// PublicRaw is the public operation without any padding: data must be as long as the
// modulus.
func PublicRaw(k *rsa.PublicKey, data []byte) ([]byte, error) {
	if err := fits(k.Size(), data); err != nil {
		return nil, err
	}
	m := new(big.Int).SetBytes(data)
	if m.Cmp(k.N) >= 0 {
		return nil, ErrTooLarge
	}
	return m.Exp(m, big.NewInt(int64(k.E)), k.N).FillBytes(make([]byte, k.Size())), nil
}

func fits(size int, data []byte) error {
	switch {
	case len(data) > size:
		return ErrTooLarge
	case len(data) < size:
		return ErrTooShort
	}
	return nil
}

// PublicUnpad undoes by the public key what a private key padded as for a signature and
// encrypted: https://www.rfc-editor.org/rfc/rfc8017#section-9.2
func PublicUnpad(k *rsa.PublicKey, data []byte) ([]byte, error) {
	em, err := PublicRaw(k, data)
	if err != nil {
		return nil, err
	}
	if em[0] != 0 || em[1] != 1 {
		return nil, ErrPadding
	}
	i := 2
	for i < len(em) && em[i] == 0xff {
		i++
	}
	if i < 10 || i == len(em) || em[i] != 0 {
		return nil, ErrPadding
	}
	return em[i+1:], nil
}

// DecryptPKCS1 is RSAES-PKCS1-v1_5 decryption with implicit rejection: what has bad
// padding decrypts to a random text that depends on it and the key alone, so that nobody
// learns by errors whether the padding was good:
// https://www.ietf.org/archive/id/draft-irtf-cfrg-rsa-guidance-04.html#section-7
func DecryptPKCS1(k *rsa.PrivateKey, data []byte) ([]byte, error) {
	size := k.Size()
	if err := fits(size, data); err != nil {
		return nil, err
	}
	em, err := private(k, data)
	if err != nil {
		return nil, err
	}
	exponent := sha256.Sum256(k.D.FillBytes(make([]byte, size)))
	mac := hmac.New(sha256.New, exponent[:])
	mac.Write(data)
	seed := mac.Sum(nil)
	// The length of the other text is the last of 128 candidates that is short enough.
	longest := size - 11
	bits := uint16(1)
	for int(bits) < longest {
		bits = bits<<1 | 1
	}
	length := 0
	for c := pseudoRandom(seed, "length", 256); len(c) > 0; c = c[2:] {
		candidate := int(binary.BigEndian.Uint16(c) & bits)
		length = subtle.ConstantTimeSelect(subtle.ConstantTimeLessOrEq(candidate, longest), candidate, length)
	}
	other := pseudoRandom(seed, "message", size)
	good := subtle.ConstantTimeByteEq(em[0], 0) & subtle.ConstantTimeByteEq(em[1], 2)
	found, at := 0, 0
	for i := 2; i < size; i++ {
		zero := subtle.ConstantTimeByteEq(em[i], 0)
		at = subtle.ConstantTimeSelect(zero&^found, i, at)
		found |= zero
	}
	good &= found & subtle.ConstantTimeLessOrEq(10, at)
	at = subtle.ConstantTimeSelect(good, at+1, size-length)
	subtle.ConstantTimeCopy(good, other, em)
	return other[at:], nil
}

// pseudoRandom returns size bytes that follow from seed and label.
func pseudoRandom(seed []byte, label string, size int) []byte {
	var out []byte
	for i := 0; len(out) < size; i++ {
		mac := hmac.New(sha256.New, seed)
		mac.Write(binary.BigEndian.AppendUint16(nil, uint16(i)))
		mac.Write([]byte(label))
		mac.Write(binary.BigEndian.AppendUint16(nil, uint16(size*8)))
		out = mac.Sum(out)
	}
	return out[:size]
}
