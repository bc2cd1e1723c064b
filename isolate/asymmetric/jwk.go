package asymmetric

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
)

// The errors of JWKs.
var (
	ErrJWK      = errors.New("invalid JWK")
	ErrJWKCurve = errors.New("invalid point or scalar of a JWK")
)

// ParseJWK makes a key of the members of a JWK, private if there is a member d:
// https://www.rfc-editor.org/rfc/rfc7518#section-6 and
// https://www.rfc-editor.org/rfc/rfc8037#section-2
func ParseJWK(members map[string]string) (any, error) {
	bad := false
	read := func(name string) []byte {
		s := strings.TrimRight(members[name], "=")
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			b, err = base64.RawStdEncoding.DecodeString(s)
		}
		bad = bad || err != nil || len(b) == 0 || len(b) > maxModulus/8
		return b
	}
	number := func(name string) *big.Int { return new(big.Int).SetBytes(read(name)) }
	_, private := members["d"]
	switch members["kty"] {
	case "RSA":
		n, e := number("n"), number("e")
		if bad || e.BitLen() > 31 {
			return nil, ErrJWK
		}
		public := rsa.PublicKey{N: n, E: int(e.Int64())}
		if !ValidRSA(&public) {
			return nil, ErrJWK
		}
		if !private {
			return &public, nil
		}
		d, p, q, dp, dq, qi := number("d"), number("p"), number("q"), number("dp"), number("dq"), number("qi")
		if bad {
			return nil, ErrJWK
		}
		if k := RSAFromParts(public, d, p, q, dp, dq, qi); k != nil {
			return k, nil
		}
		return nil, ErrJWK
	case "EC":
		c := CurveNamed(members["crv"])
		x, y := number("x"), number("y")
		if c == nil || bad || x.BitLen() > c.Size*8 || y.BitLen() > c.Size*8 {
			return nil, ErrJWKCurve
		}
		point := append([]byte{4}, make([]byte, 2*c.Size)...)
		x.FillBytes(point[1 : 1+c.Size])
		y.FillBytes(point[1+c.Size:])
		public, err := c.Point(point)
		if err != nil {
			return nil, ErrJWKCurve
		}
		if !private {
			return public, nil
		}
		d := number("d")
		if bad || d.BitLen() > c.Size*8 {
			return nil, ErrJWKCurve
		}
		k, err := ecdsa.ParseRawPrivateKey(c.Elliptic, d.FillBytes(make([]byte, c.Size)))
		if err != nil || !k.PublicKey.Equal(public) {
			return nil, ErrJWKCurve
		}
		return k, nil
	case "OKP":
		x := read("x")
		if bad || len(x) != 32 {
			return nil, ErrJWK
		}
		signs := members["crv"] == "Ed25519"
		if !private {
			if signs {
				return ed25519.PublicKey(x), nil
			}
			return ecdh.X25519().NewPublicKey(x)
		}
		d := read("d")
		if bad || len(d) != 32 {
			return nil, ErrJWK
		}
		if signs {
			k := ed25519.NewKeyFromSeed(d)
			if !bytes.Equal(k[32:], x) {
				return nil, ErrJWK
			}
			return k, nil
		}
		k, err := ecdh.X25519().NewPrivateKey(d)
		if err != nil || !bytes.Equal(k.PublicKey().Bytes(), x) {
			return nil, ErrJWK
		}
		return k, nil
	}
	return nil, ErrJWK
}

// A Member is one of a JWK.
type Member struct{ Name, Value string }

// MarshalJWK returns the members of the JWK of a key.
func MarshalJWK(key any) []Member {
	text := base64.RawURLEncoding.EncodeToString
	number := func(n *big.Int) string { return text(n.Bytes()) }
	switch k := key.(type) {
	case *rsa.PublicKey:
		return []Member{{"kty", "RSA"}, {"n", number(k.N)}, {"e", number(big.NewInt(int64(k.E)))}}
	case *rsa.PrivateKey:
		c := &k.Precomputed
		return append(MarshalJWK(&k.PublicKey), Member{"d", number(k.D)},
			Member{"p", number(k.Primes[0])}, Member{"q", number(k.Primes[1])},
			Member{"dp", number(c.Dp)}, Member{"dq", number(c.Dq)}, Member{"qi", number(c.Qinv)})
	case *ecdsa.PublicKey:
		c, b := CurveOf(k), EncodePoint(k, "")
		if c == nil {
			return nil
		}
		return []Member{{"kty", "EC"}, {"x", text(b[1 : 1+c.Size])}, {"y", text(b[1+c.Size:])}, {"crv", c.Name}}
	case *ecdsa.PrivateKey:
		d, _ := k.Bytes()
		return append(MarshalJWK(&k.PublicKey), Member{"d", text(d)})
	case ed25519.PublicKey:
		return []Member{{"crv", "Ed25519"}, {"x", text(k)}, {"kty", "OKP"}}
	case ed25519.PrivateKey:
		return []Member{{"crv", "Ed25519"}, {"d", text(k.Seed())}, {"x", text(k[32:])}, {"kty", "OKP"}}
	case *ecdh.PublicKey:
		return []Member{{"crv", "X25519"}, {"x", text(k.Bytes())}, {"kty", "OKP"}}
	case *ecdh.PrivateKey:
		return []Member{{"crv", "X25519"}, {"d", text(k.Bytes())}, {"x", text(k.PublicKey().Bytes())}, {"kty", "OKP"}}
	}
	return nil
}

// Equal reports whether two keys are the same, both private or both public.
func Equal(a, b any) bool {
	switch k := a.(type) {
	case interface{ Equal(crypto.PrivateKey) bool }:
		return k.Equal(b)
	case interface{ Equal(crypto.PublicKey) bool }:
		return k.Equal(b)
	}
	return false
}
