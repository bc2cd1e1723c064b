package asymmetric

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	encasn1 "encoding/asn1"
	"hash"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/pbkdf2"
)

// Encrypted private keys: https://www.rfc-editor.org/rfc/rfc8018#section-6.2 in
// https://www.rfc-editor.org/rfc/rfc5958#section-3

const (
	iterations    = 2048 // of what is written
	maxIterations = 1_000_000
)

var (
	oidPBES2  = encasn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = encasn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
)

// pseudoRandomFunctions are those of PBKDF2, HMAC each. The first is the default.
var pseudoRandomFunctions = [...]struct {
	oid encasn1.ObjectIdentifier
	new func() hash.Hash
}{
	{encasn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}, sha1.New},
	{encasn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, sha256.New},
	{encasn1.ObjectIdentifier{1, 2, 840, 113549, 2, 10}, sha512.New384},
	{encasn1.ObjectIdentifier{1, 2, 840, 113549, 2, 11}, sha512.New},
}

// A scheme is a block cipher in CBC mode.
type scheme struct {
	name string
	oid  encasn1.ObjectIdentifier
	size int // bytes of the key
	new  func(key []byte) (cipher.Block, error)
}

var schemes = [...]scheme{
	{"aes-128-cbc", encasn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16, aes.NewCipher},
	{"aes-192-cbc", encasn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24, aes.NewCipher},
	{"aes-256-cbc", encasn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32, aes.NewCipher},
	{"des-ede3-cbc", encasn1.ObjectIdentifier{1, 2, 840, 113549, 3, 7}, 24, des.NewTripleDESCipher},
}

// schemeNamed finds a scheme by OpenSSL's name of it, in any case of letters.
func schemeNamed(name string) *scheme {
	name = strings.ToLower(name)
	switch name {
	case "aes128", "aes192", "aes256":
		name = "aes-" + name[3:] + "-cbc"
	case "des3":
		name = "des-ede3-cbc"
	}
	for i := range schemes {
		if schemes[i].name == name {
			return &schemes[i]
		}
	}
	return nil
}

// decryptPKCS8 returns the PrivateKeyInfo in the body of an EncryptedPrivateKeyInfo.
func decryptPKCS8(body cryptobyte.String, passphrase []byte) ([]byte, error) {
	var algorithm, parameters, kdf, kdfParameters, encryption, encrypted, salt, iv cryptobyte.String
	var oid encasn1.ObjectIdentifier
	if !body.ReadASN1(&algorithm, asn1.SEQUENCE) || !body.ReadASN1(&encrypted, asn1.OCTET_STRING) ||
		!algorithm.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidPBES2) ||
		!algorithm.ReadASN1(&parameters, asn1.SEQUENCE) ||
		!parameters.ReadASN1(&kdf, asn1.SEQUENCE) || !parameters.ReadASN1(&encryption, asn1.SEQUENCE) ||
		!kdf.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidPBKDF2) ||
		!kdf.ReadASN1(&kdfParameters, asn1.SEQUENCE) {
		return nil, ErrUnsupported
	}
	var rounds, size int
	if !kdfParameters.ReadASN1(&salt, asn1.OCTET_STRING) || !kdfParameters.ReadASN1Integer(&rounds) || rounds < 1 || rounds > maxIterations {
		return nil, ErrUnsupported
	}
	if kdfParameters.PeekASN1Tag(asn1.INTEGER) && !kdfParameters.ReadASN1Integer(&size) {
		return nil, ErrUnsupported
	}
	function := pseudoRandomFunctions[0].new
	if !kdfParameters.Empty() {
		var prf cryptobyte.String
		if !kdfParameters.ReadASN1(&prf, asn1.SEQUENCE) || !prf.ReadASN1ObjectIdentifier(&oid) {
			return nil, ErrUnsupported
		}
		function = nil
		for _, f := range pseudoRandomFunctions {
			if oid.Equal(f.oid) {
				function = f.new
			}
		}
		if function == nil {
			return nil, ErrUnsupported
		}
	}
	if !encryption.ReadASN1ObjectIdentifier(&oid) || !encryption.ReadASN1(&iv, asn1.OCTET_STRING) {
		return nil, ErrUnsupported
	}
	for _, s := range schemes {
		if !oid.Equal(s.oid) {
			continue
		}
		block, err := s.new(pbkdf2.Key(passphrase, salt, rounds, s.size, function))
		if err != nil || len(iv) != block.BlockSize() || size != 0 && size != s.size {
			return nil, ErrUnsupported
		}
		if len(encrypted) == 0 || len(encrypted)%block.BlockSize() != 0 {
			return nil, ErrDecrypt
		}
		plain := make([]byte, len(encrypted))
		cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, encrypted)
		pad := int(plain[len(plain)-1])
		if pad == 0 || pad > block.BlockSize() {
			return nil, ErrDecrypt
		}
		for _, b := range plain[len(plain)-pad:] {
			if int(b) != pad {
				return nil, ErrDecrypt
			}
		}
		plain = plain[:len(plain)-pad]
		// What looks padded by chance is no structure, or one in another.
		var whole, inner cryptobyte.String = plain, nil
		if !whole.ReadASN1(&inner, asn1.SEQUENCE) || !inner.PeekASN1Tag(asn1.INTEGER) {
			return nil, ErrDecrypt
		}
		return plain, nil
	}
	return nil, ErrUnsupported
}

// encryptPKCS8 returns the EncryptedPrivateKeyInfo of a PrivateKeyInfo.
func encryptPKCS8(der []byte, s *scheme, passphrase []byte) ([]byte, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails
	prf := pseudoRandomFunctions[1]
	block, err := s.new(pbkdf2.Key(passphrase, salt, iterations, s.size, prf.new))
	if err != nil {
		return nil, err
	}
	iv := make([]byte, block.BlockSize())
	_, _ = rand.Read(iv)
	pad := block.BlockSize() - len(der)%block.BlockSize()
	encrypted := append([]byte(nil), der...)
	for range pad {
		encrypted = append(encrypted, byte(pad))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(encrypted, encrypted)
	var b cryptobyte.Builder
	sequence := func(b *cryptobyte.Builder, f cryptobyte.BuilderContinuation) { b.AddASN1(asn1.SEQUENCE, f) }
	sequence(&b, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidPBES2)
			sequence(b, func(b *cryptobyte.Builder) {
				sequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oidPBKDF2)
					sequence(b, func(b *cryptobyte.Builder) {
						b.AddASN1OctetString(salt)
						b.AddASN1Int64(iterations)
						sequence(b, func(b *cryptobyte.Builder) {
							b.AddASN1ObjectIdentifier(prf.oid)
							b.AddASN1NULL()
						})
					})
				})
				sequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(s.oid)
					b.AddASN1OctetString(iv)
				})
			})
		})
		b.AddASN1OctetString(encrypted)
	})
	return b.Bytes()
}
