package asymmetric

import "math/big"

// groups are the names of the MODP groups with the bits of their primes and the number
// that each prime is found with: https://www.rfc-editor.org/rfc/rfc2409#section-6 and
// https://www.rfc-editor.org/rfc/rfc3526. The generator is 2.
var groups = [...]struct {
	name string
	bits uint
	k    int64
}{
	{"modp1", 768, 149686}, {"modp2", 1024, 129093}, {"modp5", 1536, 741804}, {"modp14", 2048, 124476},
	{"modp15", 3072, 1690314}, {"modp16", 4096, 240904}, {"modp17", 6144, 929484}, {"modp18", 8192, 4743158},
}

// Group returns the prime of a MODP group; nil if there is no such group.
func Group(name string) *big.Int {
	for _, g := range groups {
		if g.name != name {
			continue
		}
		// 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + k)
		one := big.NewInt(1)
		p := new(big.Int).Lsh(one, g.bits)
		p.Sub(p, new(big.Int).Lsh(one, g.bits-64)).Sub(p, one)
		middle := pi(g.bits - 130)
		return p.Add(p, middle.Lsh(middle.Add(middle, big.NewInt(g.k)), 64))
	}
	return nil
}

// pi returns the whole part of 2^bits times the number, by Machin's formula:
// 16 arctan(1/5) - 4 arctan(1/239).
func pi(bits uint) *big.Int {
	const guard = 64
	arctan := func(x int64) *big.Int { // of 1/x
		power := new(big.Int).Lsh(big.NewInt(1), bits+guard)
		power.Quo(power, big.NewInt(x))
		sum, square, term := new(big.Int), big.NewInt(x*x), new(big.Int)
		for n := int64(1); power.Sign() > 0; n += 2 {
			if term.Quo(power, big.NewInt(n)); n&2 == 0 {
				sum.Add(sum, term)
			} else {
				sum.Sub(sum, term)
			}
			power.Quo(power, square)
		}
		return sum
	}
	p := arctan(5)
	p.Lsh(p, 2).Sub(p, arctan(239)).Lsh(p, 2)
	return p.Rsh(p, guard)
}
