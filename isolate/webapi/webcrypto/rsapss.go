package webcrypto

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/binary"
	"math/big"
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
	digest := k.hash.sum(data)
	if p.saltLength == 0 { // which package rsa takes for "as long as fits"
		return signUnsalted(private, k.hash, digest)
	}
	signature, err := rsa.SignPSS(rand.Reader, private, k.hash.id, digest, &rsa.PSSOptions{SaltLength: int(p.saltLength), Hash: k.hash.id})
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
	public, digest := k.rsaPublic(), k.hash.sum(data)
	if p.saltLength > maxModulus/8 {
		return false, nil
	}
	if p.saltLength == 0 {
		return verifyUnsalted(public, k.hash, digest, signature), nil
	}
	return rsa.VerifyPSS(public, k.hash.id, digest, signature, &rsa.PSSOptions{SaltLength: int(p.saltLength), Hash: k.hash.id}) == nil, nil
}

// encodeUnsalted is EMSA-PSS-ENCODE with an empty salt, for a modulus of the given
// number of bits; nil if it is too short:
// https://www.rfc-editor.org/rfc/rfc8017#section-9.1.1
func encodeUnsalted(h *hashFunction, digest []byte, modulusBits int) []byte {
	size := (modulusBits - 1 + 7) / 8
	if size < len(digest)+2 {
		return nil
	}
	out := make([]byte, size)
	// M' is eight zero bytes, mHash and the salt; H is its hash; DB is zeros, 01 and the salt.
	at := size - len(digest) - 1
	sum := h.sum(append(make([]byte, 8), digest...))
	out[at-1] = 1
	mask(h, out[:at], sum)
	copy(out[at:], sum)
	out[size-1] = 0xbc
	out[0] &= 0xff >> (8*size - (modulusBits - 1))
	return out
}

// mask applies MGF1 of seed to b: https://www.rfc-editor.org/rfc/rfc8017#appendix-B.2.1
func mask(h *hashFunction, b, seed []byte) {
	block := append([]byte(nil), seed...)
	block = append(block, 0, 0, 0, 0)
	for i := uint32(0); len(b) > 0; i++ {
		binary.BigEndian.PutUint32(block[len(seed):], i)
		b = b[subtle.XORBytes(b, b, h.sum(block)):]
	}
}

// signUnsalted signs with an empty salt. The private operation is blinded, since
// arithmetic on big numbers takes a time that tells about them.
func signUnsalted(k *rsa.PrivateKey, h *hashFunction, digest []byte) ([]byte, error) {
	encoded := encodeUnsalted(h, digest, k.N.BitLen())
	if encoded == nil {
		return nil, operationError("The key is too short for this hash")
	}
	e, one := big.NewInt(int64(k.E)), big.NewInt(1)
	m := new(big.Int).SetBytes(encoded)
	var r, inverse *big.Int
	for inverse == nil {
		var err error
		if r, err = rand.Int(rand.Reader, k.N); err != nil {
			return nil, operationError("The data cannot be signed: %v", err)
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
		return nil, operationError("The data cannot be signed")
	}
	return s.FillBytes(make([]byte, k.Size())), nil
}

func verifyUnsalted(k *rsa.PublicKey, h *hashFunction, digest, signature []byte) bool {
	encoded := encodeUnsalted(h, digest, k.N.BitLen())
	s := new(big.Int).SetBytes(signature)
	if encoded == nil || len(signature) != k.Size() || s.Cmp(k.N) >= 0 {
		return false
	}
	return s.Exp(s, big.NewInt(int64(k.E)), k.N).Cmp(new(big.Int).SetBytes(encoded)) == 0
}
