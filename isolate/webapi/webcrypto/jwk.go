package webcrypto

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A jwk is a JsonWebKey dictionary: https://w3c.github.io/webcrypto/#dfn-JsonWebKey
type jwk struct {
	kty, use, alg          text
	keyOps                 webidl.Opt[[]string]
	ext                    webidl.Opt[bool]
	crv, x, y, d           text // of elliptic curves; d of RSA too
	n, e, p, q, dp, dq, qi text // of RSA
	oth                    bool // more than two primes
	k                      text // of symmetric keys
}

// text is a string that may be absent.
type text = webidl.Opt[string]

// is reports why the key is not of the given type.
func (j *jwk) is(kty string) error {
	if j.kty.Value != kty {
		return dataError("The JWK \"kty\" member was not %q", kty)
	}
	return nil
}

// permits checks the members that say what a key may be used for. use is the value
// that the member "use" must have where usages are asked for.
func (j *jwk) permits(extractable bool, u usages, use string) error {
	if u != 0 && j.use.Set && j.use.Value != use {
		return dataError("The JWK \"use\" member was inconsistent with that specified by the Web Crypto call. The JWK usage must be %q", use)
	}
	if j.keyOps.Set {
		ops := slices.Clone(j.keyOps.Value)
		slices.Sort(ops)
		if len(slices.Compact(ops)) != len(j.keyOps.Value) {
			return dataError("The JWK \"key_ops\" member must not contain duplicate usages.")
		}
		for _, name := range u.names() {
			if !slices.Contains(j.keyOps.Value, name) {
				return dataError("The JWK \"key_ops\" member was inconsistent with that specified by the Web Crypto call. The JWK usage must be a superset of those requested")
			}
		}
	}
	if extractable && j.ext.Set && !j.ext.Value {
		return dataError("The JWK \"ext\" member was inconsistent with that specified by the Web Crypto call")
	}
	return nil
}

// algorithm checks the member "alg", if there is one.
func (j *jwk) algorithm(names ...string) error {
	if j.alg.Set && !slices.Contains(names, j.alg.Value) {
		return dataError("The JWK \"alg\" member was inconsistent with that specified by the Web Crypto call")
	}
	return nil
}

// bytes decodes a member that must be there.
func (j *jwk) bytes(name string, member text) ([]byte, error) {
	if !member.Set {
		return nil, dataError("The required JWK member \"%s\" was missing", name)
	}
	// The decoder would skip line ends.
	b, err := base64.RawURLEncoding.DecodeString(member.Value)
	if err != nil || strings.ContainsAny(member.Value, "\r\n") {
		return nil, dataError("The JWK member \"%s\" could not be base64url decoded or contained padding", name)
	}
	return b, nil
}

// fixed decodes a member that must be there and have a given number of bytes.
func (j *jwk) fixed(name string, member text, size int) ([]byte, error) {
	b, err := j.bytes(name, member)
	if err == nil && len(b) != size {
		err = dataError("The JWK's \"%s\" member defines an octet string of length %d bytes but should be %d", name, len(b), size)
	}
	return b, err
}

// encoded returns the member for some bytes.
func encoded(b []byte) text { return webidl.Some(base64.RawURLEncoding.EncodeToString(b)) }

// newJWK returns a JWK with the members that all exported keys have.
func newJWK(k *key, kty string) *jwk {
	return &jwk{kty: webidl.Some(kty), keyOps: webidl.Some(k.usages.names()), ext: webidl.Some(k.extractable)}
}
