package webcrypto

import "slices"

// usages is a set of key usages: https://w3c.github.io/webcrypto/#dfn-KeyUsage
type usages uint8

const (
	useEncrypt usages = 1 << iota
	useDecrypt
	useSign
	useVerify
	useDeriveKey
	useDeriveBits
	useWrapKey
	useUnwrapKey
)

// usageNames are in the order of the bits.
var usageNames = [...]string{"encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"}

// usageNamed returns the usage of that name, or 0.
func usageNamed(name string) usages {
	return 1 << uint(slices.Index(usageNames[:], name)) & 0xff // of -1 the shift leaves nothing
}

// has reports whether all of v are in u.
func (u usages) has(v usages) bool { return u&v == v }

// within reports whether u has none but those of v.
func (u usages) within(v usages) bool { return u&^v == 0 }

// names lists the set in the standard's order.
func (u usages) names() []string {
	list := []string{}
	for i, name := range usageNames {
		if u&(1<<i) != 0 {
			list = append(list, name)
		}
	}
	return list
}
