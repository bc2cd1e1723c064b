package ingress

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
)

// rayLen is the length of a request id: 16 hexadecimal digits and "-MAY".
const rayLen = 20

// rayIDs makes request ids: a counter put through a bijection of 64-bit numbers,
// so that ids never repeat within a server, do not show its load, and cost no
// system call. They are names, not secrets.
type rayIDs struct {
	seed uint64
	n    atomic.Uint64
}

func (r *rayIDs) init() {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	r.seed = binary.LittleEndian.Uint64(b[:])
}

func (r *rayIDs) next(dst *[rayLen]byte) {
	// The finaliser of SplitMix64.
	z := r.seed + r.n.Add(1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	const digits = "0123456789abcdef"
	for i := 15; i >= 0; i-- {
		dst[i] = digits[z&15]
		z >>= 4
	}
	copy(dst[16:], "-MAY")
}
