package webcrypto

import (
	"crypto/subtle"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// timingSafeEqual compares in a time that does not depend on the bytes:
// https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#timingsafeequal
func (s *subtleCrypto) timingSafeEqual(js *webidl.Realm, a, b source) (bool, error) {
	x, y := a.bytes(js), b.bytes(js)
	if len(x) != len(y) {
		return false, webidl.TypeError("Input buffers must have the same byte length.")
	}
	return subtle.ConstantTimeCompare(x, y) == 1, nil
}
