package asymmetric

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Keys are what Go's packages have: *rsa.PublicKey, *rsa.PrivateKey, *ecdsa.PublicKey,
// *ecdsa.PrivateKey, ed25519.PublicKey, ed25519.PrivateKey, and *ecdh.PublicKey and
// *ecdh.PrivateKey of X25519.

// The errors of parsing.
var (
	ErrUnsupported = errors.New("not a key of a supported kind and encoding")
	ErrPassphrase  = errors.New("the key is encrypted and no passphrase was given")
	ErrDecrypt     = errors.New("the key cannot be decrypted with this passphrase")
	ErrTag         = errors.New("not the ASN.1 structure of a key")
)

// MaxDER bounds what is parsed, in bytes: it is more than any key needs whose modulus is
// not too long. The time to check an RSA key grows with the cube of its length.
const MaxDER = 16 << 10

const maxPEM = 64 << 10 // bytes

const maxModulus = 16384 // bits

// ValidRSA reports whether the modulus and the exponent of a public key are such that
// operations are defined and take a bounded time.
func ValidRSA(k *rsa.PublicKey) bool {
	return k.N.BitLen() <= maxModulus && k.E >= 3 && k.E&1 == 1 && k.N.Bit(0) == 1
}

// An encoding is a structure of a DER key.
const (
	PKCS1 = "pkcs1" // RSAPrivateKey or RSAPublicKey
	PKCS8 = "pkcs8" // PrivateKeyInfo or EncryptedPrivateKeyInfo
	SEC1  = "sec1"  // ECPrivateKey
	SPKI  = "spki"  // SubjectPublicKeyInfo
)

// ParsePrivate reads a private key in one of the encodings PKCS1, PKCS8 and SEC1. A nil
// passphrase is none.
func ParsePrivate(der []byte, encoding string, passphrase []byte) (any, error) {
	if len(der) > MaxDER {
		return nil, ErrUnsupported
	}
	// Package x509 does not care what follows the structure.
	var outer, body cryptobyte.String = der, nil
	if !outer.ReadASN1(&body, asn1.SEQUENCE) || !outer.Empty() {
		if encoding == PKCS8 {
			return nil, ErrTag
		}
		return nil, ErrUnsupported
	}
	var key any
	var err error
	switch encoding {
	case PKCS1:
		key, err = x509.ParsePKCS1PrivateKey(der)
	case SEC1:
		key, err = x509.ParseECPrivateKey(der)
	case PKCS8:
		if body.PeekASN1Tag(asn1.SEQUENCE) {
			if passphrase == nil {
				return nil, ErrPassphrase
			}
			if der, err = decryptPKCS8(body, passphrase); err != nil {
				return nil, err
			}
			return ParsePrivate(der, PKCS8, nil)
		}
		key, err = x509.ParsePKCS8PrivateKey(der)
	default:
		err = ErrUnsupported
	}
	if err != nil {
		return nil, ErrUnsupported
	}
	return checked(key)
}

// ParsePublic reads a public key in one of the encodings PKCS1 and SPKI.
func ParsePublic(der []byte, encoding string) (any, error) {
	if len(der) > MaxDER {
		return nil, ErrUnsupported
	}
	var key any
	var err error
	var outer, body cryptobyte.String = der, nil
	if !outer.ReadASN1(&body, asn1.SEQUENCE) {
		return nil, ErrTag
	}
	if encoding == PKCS1 {
		key, err = x509.ParsePKCS1PublicKey(der)
	} else {
		key, err = x509.ParsePKIXPublicKey(der)
	}
	if err != nil {
		return nil, ErrUnsupported
	}
	return checked(key)
}

// checked refuses keys that no operation can use in bounded time, and kinds that are not
// among those above.
func checked(key any) (any, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if len(k.Primes) != 2 || !ValidRSA(&k.PublicKey) || k.Precomputed.Qinv == nil {
			return nil, ErrUnsupported
		}
	case *rsa.PublicKey:
		if !ValidRSA(k) {
			return nil, ErrUnsupported
		}
	case *ecdsa.PrivateKey:
		if CurveOf(&k.PublicKey) == nil {
			return nil, ErrUnsupported
		}
	case *ecdsa.PublicKey:
		if CurveOf(k) == nil {
			return nil, ErrUnsupported
		}
	case ed25519.PrivateKey, ed25519.PublicKey:
	case *ecdh.PrivateKey, *ecdh.PublicKey: // only of X25519 in these structures
	default:
		return nil, ErrUnsupported
	}
	return key, nil
}

// ParsePEM reads the first key of a PEM text. Of a private key or a certificate it gives
// the public key if public is true.
func ParsePEM(text []byte, public bool, passphrase []byte) (any, error) {
	if len(text) > maxPEM {
		return nil, ErrUnsupported
	}
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, ErrUnsupported
		}
		key, err := parseBlock(block, public, passphrase)
		if err != errOtherBlock {
			if err == ErrTag {
				err = ErrUnsupported
			}
			return key, err
		}
	}
}

var errOtherBlock = errors.New("a block that holds no key")

func parseBlock(block *pem.Block, public bool, passphrase []byte) (any, error) {
	encoding := PKCS8
	switch block.Type {
	case "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE":
		switch {
		case !public:
			return nil, errOtherBlock
		case block.Type == "PUBLIC KEY":
			return ParsePublic(block.Bytes, SPKI)
		case block.Type == "RSA PUBLIC KEY":
			return ParsePublic(block.Bytes, PKCS1)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, ErrUnsupported
		}
		return checked(c.PublicKey)
	case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
	case "RSA PRIVATE KEY":
		encoding = PKCS1
	case "EC PRIVATE KEY":
		encoding = SEC1
	default:
		return nil, errOtherBlock
	}
	der := block.Bytes
	if block.Headers["DEK-Info"] != "" {
		if passphrase == nil {
			return nil, ErrPassphrase
		}
		var err error
		//lint:ignore SA1019 old keys are encrypted so, and Node reads them
		if der, err = x509.DecryptPEMBlock(block, passphrase); err != nil {
			return nil, ErrDecrypt
		}
	}
	key, err := ParsePrivate(der, encoding, passphrase)
	if err == nil && public {
		return Public(key), nil
	}
	return key, err
}

// Public returns the public key of a private one, and of a public one itself.
func Public(key any) any {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return &k.PublicKey
	case *ecdsa.PrivateKey:
		return &k.PublicKey
	case ed25519.PrivateKey:
		return k.Public().(ed25519.PublicKey)
	case *ecdh.PrivateKey:
		return k.PublicKey()
	}
	return key
}

// RSAFromParts makes a private key of the numbers that a JWK has of it. It gives nil if
// they do not fit together.
func RSAFromParts(public rsa.PublicKey, d, p, q, dp, dq, qi *big.Int) *rsa.PrivateKey {
	k := &rsa.PrivateKey{PublicKey: public, D: d, Primes: []*big.Int{p, q}}
	if !Complete(k) || k.Precomputed.Dp.Cmp(dp) != 0 || k.Precomputed.Dq.Cmp(dq) != 0 || k.Precomputed.Qinv.Cmp(qi) != 0 {
		return nil
	}
	return k
}
