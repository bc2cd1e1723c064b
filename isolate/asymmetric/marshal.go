package asymmetric

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// The errors of Marshal.
var (
	ErrNotRSA  = errors.New("only RSA keys have this encoding")
	ErrNotEC   = errors.New("only elliptic curve keys have this encoding")
	ErrCipher  = errors.New("unknown cipher")
	errPrivate = errors.New("not a private key")
)

// Marshal encodes a key in one of the encodings; SPKI and PKCS1 are those of a public
// key too. With the name of a cipher, a private key is encrypted with the passphrase.
func Marshal(key any, encoding string, asPEM bool, cipherName string, passphrase []byte) ([]byte, error) {
	var der []byte
	var err error
	label := ""
	switch encoding {
	case PKCS1:
		switch k := key.(type) {
		case *rsa.PublicKey:
			der, label = x509.MarshalPKCS1PublicKey(k), "RSA PUBLIC KEY"
		case *rsa.PrivateKey:
			der, label = x509.MarshalPKCS1PrivateKey(k), "RSA PRIVATE KEY"
		default:
			return nil, ErrNotRSA
		}
	case SEC1:
		k, ok := key.(*ecdsa.PrivateKey)
		if !ok {
			return nil, ErrNotEC
		}
		der, err = x509.MarshalECPrivateKey(k)
		label = "EC PRIVATE KEY"
	case PKCS8:
		der, err = x509.MarshalPKCS8PrivateKey(key)
		label = "PRIVATE KEY"
	default:
		der, err = x509.MarshalPKIXPublicKey(key)
		label = "PUBLIC KEY"
	}
	if err != nil {
		return nil, err
	}
	block := &pem.Block{Type: label, Bytes: der}
	if cipherName != "" {
		s := schemeNamed(cipherName)
		switch {
		case s == nil:
			return nil, ErrCipher
		case encoding == PKCS8:
			block.Type = "ENCRYPTED PRIVATE KEY"
			if block.Bytes, err = encryptPKCS8(der, s, passphrase); err != nil {
				return nil, err
			}
		case encoding == SPKI || !asPEM:
			return nil, errPrivate
		default:
			//lint:ignore SA1019 Node offers it for these encodings
			block, err = x509.EncryptPEMBlock(rand.Reader, label, der, passphrase, pemCiphers[s.name])
			if err != nil {
				return nil, err
			}
		}
	}
	if !asPEM {
		return block.Bytes, nil
	}
	return pem.EncodeToMemory(block), nil
}

var pemCiphers = map[string]x509.PEMCipher{
	"aes-128-cbc": x509.PEMCipherAES128, "aes-192-cbc": x509.PEMCipherAES192,
	"aes-256-cbc": x509.PEMCipherAES256, "des-ede3-cbc": x509.PEMCipher3DES,
}
