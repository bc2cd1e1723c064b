package asymmetric

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"strings"
)

// A Curve is one of the NIST curves by its names.
type Curve struct {
	Name     string // in JWK and Web Crypto
	OpenSSL  string
	aliases  string
	Size     int // bytes of a coordinate
	Elliptic elliptic.Curve
	ECDH     ecdh.Curve
}

var nist = [...]*Curve{
	{"P-256", "prime256v1", "secp256r1", 32, elliptic.P256(), ecdh.P256()},
	{"P-384", "secp384r1", "", 48, elliptic.P384(), ecdh.P384()},
	{"P-521", "secp521r1", "", 66, elliptic.P521(), ecdh.P521()},
}

// CurveNamed finds a curve by any of its names; nil if there is none.
func CurveNamed(name string) *Curve {
	for _, c := range nist {
		if name != "" && (name == c.Name || name == c.OpenSSL || name == c.aliases) {
			return c
		}
	}
	return nil
}

// Curves are the names that OpenSSL gives the curves.
func Curves() []string {
	var list []string
	for _, c := range nist {
		list = append(list, c.OpenSSL)
	}
	return list
}

// CurveOf returns the curve of a key; nil if it is another than those above.
func CurveOf(k *ecdsa.PublicKey) *Curve {
	for _, c := range nist {
		if c.Elliptic == k.Curve {
			return c
		}
	}
	return nil
}

// Point reads a point in its uncompressed, compressed or hybrid form:
// https://www.secg.org/sec1-v2.pdf#subsubsection.2.3.4
func (c *Curve) Point(b []byte) (*ecdsa.PublicKey, error) {
	switch {
	case len(b) == 1+c.Size && (b[0] == 2 || b[0] == 3):
		x, y := elliptic.UnmarshalCompressed(c.Elliptic, b)
		if x == nil {
			return nil, ErrUnsupported
		}
		b = append([]byte{4}, make([]byte, 2*c.Size)...)
		x.FillBytes(b[1 : 1+c.Size])
		y.FillBytes(b[1+c.Size:])
	case len(b) == 1+2*c.Size && (b[0] == 6 || b[0] == 7):
		if b[0]&1 != b[len(b)-1]&1 {
			return nil, ErrUnsupported
		}
		b = append([]byte{4}, b[1:]...)
	}
	k, err := ecdsa.ParseUncompressedPublicKey(c.Elliptic, b)
	if err != nil {
		return nil, ErrUnsupported
	}
	return k, nil
}

// EncodePoint returns a point in the form of a name of OpenSSL's, by default uncompressed.
func EncodePoint(k *ecdsa.PublicKey, form string) []byte {
	b, _ := k.Bytes() // a key that was read or made is valid
	odd := b[len(b)-1] & 1
	switch strings.ToLower(form) {
	case "compressed":
		b = append([]byte{2 | odd}, b[1:1+(len(b)-1)/2]...)
	case "hybrid":
		b[0] = 6 | odd
	}
	return b
}

// Canonical returns a key in the form that this package has of it: elliptic curve keys of
// package ecdh as such of package ecdsa.
func Canonical(key any) (any, error) {
	switch k := key.(type) {
	case *ecdh.PublicKey:
		if k.Curve() != ecdh.X25519() {
			der, err := x509.MarshalPKIXPublicKey(k)
			if err != nil {
				return nil, err
			}
			return x509.ParsePKIXPublicKey(der)
		}
	case *ecdh.PrivateKey:
		if k.Curve() != ecdh.X25519() {
			der, err := x509.MarshalPKCS8PrivateKey(k)
			if err != nil {
				return nil, err
			}
			return x509.ParsePKCS8PrivateKey(der)
		}
	}
	return key, nil
}
