package webcrypto

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"math/bits"
	"sync"
)

const (
	minGenerated = 1024 // bits of the modulus
	maxGenerated = 8192
)

// generateRSA is https://w3c.github.io/webcrypto/#rsassa-pkcs1-operations-generate-key
func generateRSA(p *params, extractable bool, u usages) (generated, error) {
	private, public, _ := rsaUsages(p.mechanism)
	// 1. If usages contains an entry that the algorithm lacks, throw a SyntaxError.
	if !u.within(private | public) {
		return generated{}, errUsages()
	}
	// 2., 3. Generate an RSA key pair; if that fails, throw an OperationError.
	e := new(big.Int).SetBytes(p.publicExponent)
	if e.BitLen() > 31 || e.Bit(0) == 0 || e.BitLen() < 2 {
		return generated{}, operationError("The publicExponent must be an odd number from 3 to 2147483647")
	}
	if n := p.modulusLength; n < minGenerated || n > maxGenerated || n%8 != 0 {
		return generated{}, operationError("The modulusLength must be a multiple of 8 bits between %d and %d bits", minGenerated, maxGenerated)
	}
	if u&private == 0 {
		return generated{}, errUsages() // what the caller would say after all the work
	}
	pair := newRSA(int(p.modulusLength), e, p.checkpoint)
	return generated{
		public:  &key{kind: publicKey, mechanism: p.mechanism, extractable: true, usages: u & public, hash: p.hash, pair: &pair.PublicKey},
		private: &key{kind: privateKey, mechanism: p.mechanism, extractable: extractable, usages: u & private, hash: p.hash, pair: pair},
	}, nil
}

// newRSA generates a key. Package crypto/rsa knows but one public exponent and cannot
// be stopped on its way; this calls checkpoint at least after each candidate for a prime.
func newRSA(size int, e *big.Int, checkpoint func()) *rsa.PrivateKey {
	one := big.NewInt(1)
	for {
		p, q := newPrime((size+1)/2, e, checkpoint), newPrime(size/2, e, checkpoint)
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
		if complete(k) {
			return k
		}
	}
}

// primeRounds is how often a candidate is tested by Miller and Rabin's test with a
// random base, besides the tests that every call makes. FIPS 186-5, table B.1, asks
// for five rounds, for an error probability of 2^-112 and less.
const primeRounds = 5

// newPrime returns a random prime of size bits, the first two of which are set, such
// that e has an inverse modulo its predecessor.
func newPrime(size int, e *big.Int, checkpoint func()) *big.Int {
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
