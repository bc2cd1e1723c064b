package asymmetric

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"math/big"
)

// Agree returns the secret that two keys of the same kind share, elliptic curve keys or
// X25519 keys.
func Agree(private, public any) ([]byte, error) {
	var err error
	if k, ok := private.(*ecdsa.PrivateKey); ok {
		if private, err = k.ECDH(); err != nil {
			return nil, err
		}
	}
	if k, ok := public.(*ecdsa.PublicKey); ok {
		if public, err = k.ECDH(); err != nil {
			return nil, err
		}
	}
	a, ok := private.(*ecdh.PrivateKey)
	b, ok2 := public.(*ecdh.PublicKey)
	if !ok || !ok2 {
		return nil, ErrUnsupported
	}
	return a.ECDH(b)
}

// GroupExponent returns a random private key for Diffie-Hellman modulo the safe prime p.
// It has twice as many bits as the group has of strength, and more to spare:
// https://www.rfc-editor.org/rfc/rfc7919#section-5.2
func GroupExponent(p *big.Int) *big.Int {
	bits := min(p.BitLen()-1, 512)
	for {
		x, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(max(bits, 2))))
		if err == nil && x.Cmp(big.NewInt(1)) > 0 {
			return x
		}
	}
}

// IsPrime tests a number by Miller and Rabin's test with random bases and by Lucas's. It
// calls checkpoint before each round. Without a number of rounds it makes enough for an
// error probability of 2^-128.
func IsPrime(p *big.Int, rounds int, checkpoint func()) bool {
	if rounds <= 0 {
		rounds = 64
	}
	if p.BitLen() > 64 && divisible(p, new(big.Int)) {
		return false
	}
	if p.BitLen() <= 64 {
		return p.ProbablyPrime(0) // which is exact
	}
	for range rounds {
		checkpoint()
		if !p.ProbablyPrime(1) {
			return false
		}
	}
	return true
}

// GeneratePrime returns a random prime of size bits. If safe, half its predecessor is a
// prime too. With add, it is rem modulo add, and 1 if rem is nil (3 if safe); the caller
// sees to it that there are such primes. It calls checkpoint before each test.
func GeneratePrime(size int, safe bool, add, rem *big.Int, checkpoint func()) *big.Int {
	one, two := big.NewInt(1), big.NewInt(2)
	if add != nil && rem == nil {
		rem = one
		if safe {
			rem = big.NewInt(3)
		}
	}
	low := new(big.Int).Lsh(one, uint(size-1))
	scratch := new(big.Int)
	for {
		checkpoint()
		p, err := rand.Int(rand.Reader, low)
		if err != nil {
			continue // the source never fails
		}
		p.Add(p, low)
		switch {
		case add != nil:
			p.Sub(p, scratch.Mod(p, add)).Add(p, rem)
		case size > 2:
			p.SetBit(p, 0, 1)
			if safe && size > 3 {
				p.SetBit(p, 1, 1)
			}
			if size > 6 { // OpenSSL sets the second bit of those too
				p.SetBit(p, size-2, 1)
			}
		}
		if p.BitLen() != size || size > 24 && divisible(p, scratch) {
			continue
		}
		half := new(big.Int)
		if safe {
			if half.Sub(p, one).Div(half, two); size > 24 && divisible(half, scratch) || !half.ProbablyPrime(0) {
				continue
			}
			checkpoint()
		}
		if p.ProbablyPrime(primeRounds) && (!safe || half.ProbablyPrime(primeRounds)) {
			return p
		}
	}
}
