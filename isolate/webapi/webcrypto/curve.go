package webcrypto

import (
	"crypto/elliptic"
)

// A curve is a NamedCurve: https://w3c.github.io/webcrypto/#dfn-NamedCurve
type curve struct {
	name     string
	jwk      string // the JWK algorithm of ECDSA over it
	size     int    // bytes of a coordinate
	elliptic elliptic.Curve
}

var curves = [...]*curve{
	{"P-256", "ES256", 32, elliptic.P256()},
	{"P-384", "ES384", 48, elliptic.P384()},
	{"P-521", "ES512", 66, elliptic.P521()},
}

// curveNamed finds a curve by its name, which is case-sensitive.
func curveNamed(name string) (*curve, error) {
	for _, c := range curves {
		if c.name == name {
			return c, nil
		}
	}
	return nil, notSupported("Unrecognized namedCurve %q", name)
}
