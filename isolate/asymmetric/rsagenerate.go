package asymmetric

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"math/bits"
	"sync"
)

// GenerateRSA generates a key of size bits with the public exponent e, an odd number of
// at least 3 and at most 31 bits. Package crypto/rsa knows but one public exponent and cannot
// be stopped on its way; this calls checkpoint at least after each candidate for a prime.
func GenerateRSA(size int, e *big.Int, checkpoint func()) *rsa.PrivateKey {
	one := big.NewInt(1)
	for {
		p, q := exponentPrime((size+1)/2, e, checkpoint), exponentPrime(size/2, e, checkpoint)
		// FIPS 186-5, A.1.3, step 5.4: the primes must not be close to each other.
		if new(big.Int).Sub(p, q).BitLen() <= size/2-100 {
			continue
		}
		if p.Cmp(q) < 0 {
			p, q = q, p
		}
		n := new(big.Int).Mul(p, q)
		totient := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, totient)
		if d == nil || n.BitLen() != size {
			continue
		}
		k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(e.Int64())}, D: d, Primes: []*big.Int{p, q}}
		if Complete(k) {
			return k
		}
	}
}

// primeRounds is how often a candidate is tested by Miller and Rabin's test with a
// random base, besides the tests that every call makes. FIPS 186-5, table B.1, asks
// for five rounds, for an error probability of 2^-112 and less.
const primeRounds = 5

// exponentPrime returns a random prime of size bits, the first two of which are set, such
// that e has an inverse modulo its predecessor.
func exponentPrime(size int, e *big.Int, checkpoint func()) *big.Int {
	b := make([]byte, (size+7)/8)
	one, p, r := big.NewInt(1), new(big.Int), new(big.Int)
	for {
		_, _ = rand.Read(b) // it never fails
		p.SetBytes(b)
		for i := p.BitLen() - 1; i >= size; i-- {
			p.SetBit(p, i, 0)
		}
		p.SetBit(p, size-1, 1).SetBit(p, size-2, 1).SetBit(p, 0, 1)
		if divisible(p, r) || r.GCD(nil, nil, r.Sub(p, one), e).Cmp(one) != 0 {
			continue
		}
		checkpoint()
		if p.ProbablyPrime(primeRounds) {
			return p
		}
	}
}

// A sieve is some small primes and their product, which fits a word.
type sieve struct {
	product *big.Int
	primes  []uint64
}

// sieves hold the odd primes below 2048.
var sieves = sync.OnceValue(func() []sieve {
	var list []sieve
	product, primes := uint64(1), []uint64(nil)
	for n := uint64(3); n < 2048; n += 2 {
		if !new(big.Int).SetUint64(n).ProbablyPrime(0) {
			continue
		}
		if high, _ := bits.Mul64(product, n); high != 0 {
			list = append(list, sieve{new(big.Int).SetUint64(product), primes})
			product, primes = 1, nil
		}
		product *= n
		primes = append(primes, n)
	}
	return append(list, sieve{new(big.Int).SetUint64(product), primes})
})

// divisible reports whether p has a small divisor. scratch is overwritten.
func divisible(p, scratch *big.Int) bool {
	for _, s := range sieves() {
		rest := scratch.Mod(p, s.product).Uint64()
		for _, n := range s.primes {
			if rest%n == 0 {
				return true
			}
		}
	}
	return false
}

// Complete computes what makes a private key fast and reports whether it is valid.
func Complete(k *rsa.PrivateKey) bool {
	one := big.NewInt(1)
	for _, p := range k.Primes {
		if p.Cmp(one) <= 0 {
			return false
		}
	}
	k.Precompute()
	return k.Validate() == nil && k.Precomputed.Dp != nil && k.Precomputed.Qinv != nil
}
