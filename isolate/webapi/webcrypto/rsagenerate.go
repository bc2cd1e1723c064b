package webcrypto

import (
	"math/big"

	"github.com/mayfly-edge/mayfly/isolate/asymmetric"
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
	pair := asymmetric.GenerateRSA(int(p.modulusLength), e, p.checkpoint)
	return generated{
		public:  &key{kind: publicKey, mechanism: p.mechanism, extractable: true, usages: u & public, hash: p.hash, pair: &pair.PublicKey},
		private: &key{kind: privateKey, mechanism: p.mechanism, extractable: extractable, usages: u & private, hash: p.hash, pair: pair},
	}, nil
}
