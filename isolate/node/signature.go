package node

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"

	"github.com/dop251/goja"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/mayfly-edge/mayfly/isolate/asymmetric"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Paddings of RSA, by OpenSSL's numbers.
const (
	paddingPKCS1 = 1
	paddingNone  = 3
	paddingOAEP  = 4
	paddingPSS   = 6
)

// A signing is what a signature is made or checked with.
type signing struct {
	key     *keyHandle
	digest  digest
	data    []byte // the message's digest, but for Ed25519 the message
	padding int64
	salt    int
	raw     bool // ECDSA signatures are r and s, and else a structure of DER
}

// signing reads the arguments (digest, data, handle, padding, salt, raw, isDigest).
func (n *realm) signing(args []goja.Value) (*signing, error) {
	s := &signing{key: handleOf(arg(args, 2)), padding: paddingPKCS1, salt: asymmetric.SaltAuto, raw: arg(args, 5).ToBoolean()}
	name := optionalText(arg(args, 0))
	data, err := dataOf(n.js, arg(args, 1), goja.Undefined(), "data")
	if err != nil {
		return nil, err
	}
	isDigest := arg(args, 6).ToBoolean()
	algorithm := s.key.algorithm()
	switch algorithm {
	case "ed25519":
		if isDigest {
			return nil, fail(n.js, "Error", "ERR_CRYPTO_UNSUPPORTED_OPERATION", "Unsupported crypto operation")
		}
		if name != "" {
			return nil, openssl(n.js, "ERR_OSSL_INVALID_DIGEST", "error:1C80007A:Provider routines::invalid digest")
		}
		s.data = data
		return s, nil
	case "x25519":
		return nil, errKeyType(n.js)
	}
	if name == "" {
		name = "sha256"
	}
	d, ok := digestOf(name)
	if !ok {
		return nil, invalidDigest(n.js, name)
	}
	if s.digest, s.data = d, data; !isDigest {
		h := d.new()
		h.Write(data)
		s.data = h.Sum(nil)
	}
	if v := arg(args, 3); !goja.IsUndefined(v) {
		s.padding = v.ToInteger()
	}
	if v := arg(args, 4); !goja.IsUndefined(v) {
		if v.ToInteger() < asymmetric.SaltAuto || v.ToInteger() > 2048 {
			return nil, openssl(n.js, "ERR_OSSL_INVALID_SALT_LENGTH", "error:1C800070:Provider routines::invalid salt length")
		}
		s.salt = int(v.ToInteger())
	}
	if algorithm == "rsa" && s.padding != paddingPKCS1 && s.padding != paddingPSS {
		return nil, openssl(n.js, "ERR_OSSL_ILLEGAL_OR_UNSUPPORTED_PADDING_MODE", "error:1C8000A5:Provider routines::illegal or unsupported padding mode")
	}
	return s, nil
}

func errKeyType(js *webidl.Realm) error {
	return openssl(js, "ERR_OSSL_EVP_OPERATION_NOT_SUPPORTED_FOR_THIS_KEYTYPE", "error:03000096:digital envelope routines::operation not supported for this keytype")
}

func (n *realm) sign(s *signing) ([]byte, error) {
	switch k := s.key.pair.(type) {
	case *rsa.PrivateKey:
		var out []byte
		var err error
		if s.padding == paddingPSS {
			out, err = asymmetric.SignPSS(k, s.digest.id, s.data, s.salt)
		} else {
			out, err = asymmetric.SignPKCS1(k, s.digest.id, s.data)
		}
		if err != nil {
			return nil, openssl(n.js, "ERR_OSSL_RSA_DIGEST_TOO_BIG_FOR_RSA_KEY", "error:02000070:rsa routines::digest too big for rsa key")
		}
		return out, nil
	case *ecdsa.PrivateKey:
		if !s.raw {
			return ecdsa.SignASN1(rand.Reader, k, s.data)
		}
		r, v, err := ecdsa.Sign(rand.Reader, k, s.data)
		if err != nil {
			return nil, err
		}
		size := asymmetric.CurveOf(&k.PublicKey).Size
		out := make([]byte, 2*size)
		r.FillBytes(out[:size])
		v.FillBytes(out[size:])
		return out, nil
	case ed25519.PrivateKey:
		return ed25519.Sign(k, s.data), nil
	}
	return nil, errKeyType(n.js)
}

func (n *realm) verify(s *signing, signature []byte) (bool, error) {
	switch k := asymmetric.Public(s.key.pair).(type) {
	case *rsa.PublicKey:
		if s.padding == paddingPSS {
			return asymmetric.VerifyPSS(k, s.digest.id, s.data, signature, s.salt), nil
		}
		return asymmetric.VerifyPKCS1(k, s.digest.id, s.data, signature), nil
	case *ecdsa.PublicKey:
		if !s.raw {
			return ecdsa.VerifyASN1(k, s.data, signature), nil
		}
		size := asymmetric.CurveOf(k).Size
		if len(signature) != 2*size {
			return false, nil
		}
		r, v := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
		var b cryptobyte.Builder
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1BigInt(r); b.AddASN1BigInt(v) })
		der, err := b.Bytes()
		return err == nil && ecdsa.VerifyASN1(k, s.data, der), nil
	case ed25519.PublicKey:
		return ed25519.Verify(k, s.data, signature), nil
	}
	return false, errKeyType(n.js)
}

// signFunctions are the natives of signatures.
var signFunctions = []function{
	hasherFunction,
	// sign(digest, data, handle, padding, salt, raw, isDigest)
	{"sign", 7, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		s, err := n.signing(args)
		if err != nil {
			return nil, err
		}
		out, err := n.sign(s)
		if err != nil {
			return nil, err
		}
		return n.buffer(out), nil
	}},
	// verify takes the signature after sign's arguments.
	{"verify", 8, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		s, err := n.signing(args)
		if err != nil {
			return nil, err
		}
		signature, err := dataOf(n.js, arg(args, 7), goja.Undefined(), "signature")
		if err != nil {
			return nil, err
		}
		ok, err := n.verify(s, signature)
		return n.js.VM.ToValue(ok), err
	}},
	{"publicEncrypt", 5, rsaFunction((*realm).publicEncrypt)},
	{"privateDecrypt", 5, rsaFunction((*realm).privateDecrypt)},
	{"privateEncrypt", 5, rsaFunction((*realm).privateEncrypt)},
	{"publicDecrypt", 5, rsaFunction((*realm).publicDecrypt)},
}

// A cipherCall is what the functions that encrypt with RSA take.
type cipherCall struct {
	key     *keyHandle
	data    []byte
	padding int64
	hash    crypto.Hash
	label   []byte
}

func rsaFunction(run func(*realm, *cipherCall) ([]byte, error)) func(*realm, goja.Value, []goja.Value) (goja.Value, error) {
	// (handle, data, padding, hash, label)
	return func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		data, err := dataOf(n.js, arg(args, 1), goja.Undefined(), "buffer")
		if err != nil {
			return nil, err
		}
		label, err := optionalData(n, arg(args, 4), goja.Undefined(), "label")
		if err != nil {
			return nil, err
		}
		c := &cipherCall{key: handleOf(arg(args, 0)), data: data, padding: arg(args, 2).ToInteger(), label: label}
		if c.key.algorithm() != "rsa" {
			return nil, errKeyType(n.js)
		}
		d, ok := digestOf(arg(args, 3).String())
		if !ok {
			return nil, fail(n.js, "Error", "ERR_OSSL_EVP_INVALID_DIGEST", "Invalid digest used")
		}
		c.hash = d.id
		out, err := run(n, c)
		switch {
		case errors.Is(err, asymmetric.ErrTooLarge), errors.Is(err, rsa.ErrMessageTooLong):
			err = openssl(n.js, "ERR_OSSL_RSA_DATA_TOO_LARGE_FOR_KEY_SIZE", "error:0200006E:rsa routines::data too large for key size")
		case errors.Is(err, asymmetric.ErrTooShort):
			err = openssl(n.js, "ERR_OSSL_RSA_DATA_TOO_SMALL_FOR_KEY_SIZE", "error:0200007A:rsa routines::data too small for key size")
		}
		if err != nil {
			return nil, err
		}
		return n.buffer(out), nil
	}
}

func errPadding(js *webidl.Realm) error {
	return openssl(js, "ERR_OSSL_RSA_UNKNOWN_PADDING_TYPE", "error:02000076:rsa routines::unknown padding type")
}

func (n *realm) publicEncrypt(c *cipherCall) ([]byte, error) {
	public := asymmetric.Public(c.key.pair).(*rsa.PublicKey)
	switch c.padding {
	case paddingOAEP:
		return rsa.EncryptOAEP(c.hash.New(), rand.Reader, public, c.data, c.label)
	case paddingPKCS1:
		//lint:ignore SA1019 old protocols ask for it
		return rsa.EncryptPKCS1v15(rand.Reader, public, c.data)
	case paddingNone:
		return asymmetric.PublicRaw(public, c.data)
	}
	return nil, errPadding(n.js)
}

func (n *realm) privateDecrypt(c *cipherCall) ([]byte, error) {
	private := c.key.pair.(*rsa.PrivateKey)
	switch c.padding {
	case paddingOAEP:
		out, err := rsa.DecryptOAEP(c.hash.New(), nil, private, c.data, c.label)
		if err != nil {
			return nil, openssl(n.js, "ERR_OSSL_RSA_OAEP_DECODING_ERROR", "error:02000079:rsa routines::oaep decoding error")
		}
		return out, nil
	case paddingPKCS1:
		return asymmetric.DecryptPKCS1(private, c.data)
	case paddingNone:
		return asymmetric.PrivateRaw(private, c.data)
	}
	return nil, errPadding(n.js)
}

func (n *realm) privateEncrypt(c *cipherCall) ([]byte, error) {
	private := c.key.pair.(*rsa.PrivateKey)
	switch c.padding {
	case paddingPKCS1:
		return rsa.SignPKCS1v15(nil, private, 0, c.data) // without a hash it only pads
	case paddingNone:
		return asymmetric.PrivateRaw(private, c.data)
	}
	return nil, errPadding(n.js)
}

func (n *realm) publicDecrypt(c *cipherCall) ([]byte, error) {
	public := asymmetric.Public(c.key.pair).(*rsa.PublicKey)
	switch c.padding {
	case paddingPKCS1:
		out, err := asymmetric.PublicUnpad(public, c.data)
		if err != nil {
			return nil, openssl(n.js, "ERR_OSSL_RSA_BLOCK_TYPE_IS_NOT_01", "error:0200006A:rsa routines::block type is not 01")
		}
		return out, nil
	case paddingNone:
		return asymmetric.PublicRaw(public, c.data)
	}
	return nil, errPadding(n.js)
}
