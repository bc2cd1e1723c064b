package node

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/asymmetric"
	"github.com/mayfly-edge/mayfly/isolate/webapi/webcrypto"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A keyHandle is what a KeyObject holds: secret bytes, or a key of package asymmetric.
type keyHandle struct {
	webidl.Handle
	secret []byte
	pair   any
}

var keyHandleClass = &webidl.Class[*keyHandle]{Name: "KeyObjectHandle"}

func (n *realm) key(pair any) goja.Value {
	return keyHandleClass.Wrap(n.js, &keyHandle{pair: pair})
}

// handleOf returns the handle that a file of this package gives to a native.
func handleOf(v goja.Value) *keyHandle {
	h, _ := webidl.As[*keyHandle](v)
	return h
}

func (h *keyHandle) kind() string {
	switch h.pair.(type) {
	case nil:
		return "secret"
	case *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey, *ecdh.PrivateKey:
		return "private"
	}
	return "public"
}

// algorithm is asymmetricKeyType.
func (h *keyHandle) algorithm() string {
	switch asymmetric.Public(h.pair).(type) {
	case *rsa.PublicKey:
		return "rsa"
	case *ecdsa.PublicKey:
		return "ec"
	case ed25519.PublicKey:
		return "ed25519"
	case *ecdh.PublicKey:
		return "x25519"
	}
	return ""
}

// openssl makes an error with a message of OpenSSL's and the code that Node makes of it.
func openssl(js *webidl.Realm, code, message string) error {
	err := fail(js, "Error", code, message)
	var thrown *goja.Exception
	if parts := strings.Split(message, ":"); len(parts) >= 5 && errors.As(err, &thrown) {
		if o, ok := thrown.Value().(*goja.Object); ok {
			must(o.Set("library", parts[2]))
			must(o.Set("reason", parts[4]))
		}
	}
	return err
}

// keyError says what a parser or an encoder of package asymmetric means.
func keyError(js *webidl.Realm, err error) error {
	switch {
	case errors.Is(err, asymmetric.ErrPassphrase):
		return fail(js, "TypeError", "ERR_MISSING_PASSPHRASE", "Passphrase required for encrypted key")
	case errors.Is(err, asymmetric.ErrDecrypt):
		return openssl(js, "ERR_OSSL_BAD_DECRYPT", "error:1C800064:Provider routines::bad decrypt")
	case errors.Is(err, asymmetric.ErrTag):
		return openssl(js, "ERR_OSSL_ASN1_WRONG_TAG", "error:068000A8:asn1 encoding routines::wrong tag")
	case errors.Is(err, asymmetric.ErrNotRSA):
		return fail(js, "Error", "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS", "The selected key encoding pkcs1 can only be used for RSA keys.")
	case errors.Is(err, asymmetric.ErrNotEC):
		return fail(js, "Error", "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS", "The selected key encoding sec1 can only be used for EC keys.")
	case errors.Is(err, asymmetric.ErrCipher):
		return fail(js, "Error", "ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher")
	case errors.Is(err, asymmetric.ErrJWKCurve):
		return fail(js, "TypeError", "ERR_CRYPTO_INVALID_JWK", "Invalid JWK EC key")
	case errors.Is(err, asymmetric.ErrJWK):
		return fail(js, "TypeError", "ERR_CRYPTO_INVALID_JWK", "Invalid JWK data")
	}
	return openssl(js, "ERR_OSSL_UNSUPPORTED", "error:1E08010C:DECODER routines::unsupported")
}

// optionalData reads a string or a buffer; nil for undefined and null.
func optionalData(n *realm, v, encoding goja.Value, name string) ([]byte, error) {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return nil, nil
	}
	b, err := dataOf(n.js, v, encoding, name)
	if b == nil {
		b = []byte{}
	}
	return b, err
}

// optionalText reads a string; empty for any other value.
func optionalText(v goja.Value) string {
	if s, ok := isString(v); ok {
		return s.String()
	}
	return ""
}

// keyFunctions are the natives of KeyObject.
var keyFunctions = []function{
	{"secret", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := dataOf(n.js, arg(args, 0), arg(args, 1), "key")
		if err != nil {
			return nil, err
		}
		return keyHandleClass.Wrap(n.js, &keyHandle{secret: bytes.Clone(b)}), nil
	}},
	// parse(data, public, encoding, passphrase) reads a key. Without an encoding, it is PEM.
	{"parse", 4, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		data, err := dataOf(n.js, arg(args, 0), goja.Undefined(), "key")
		if err != nil {
			return nil, err
		}
		passphrase, err := optionalData(n, arg(args, 3), goja.Undefined(), "passphrase")
		if err != nil {
			return nil, err
		}
		encoding, public := optionalText(arg(args, 2)), arg(args, 1).ToBoolean()
		var pair any
		switch {
		case encoding == "":
			pair, err = asymmetric.ParsePEM(data, public, passphrase)
		case encoding == asymmetric.SPKI:
			pair, err = asymmetric.ParsePublic(data, encoding)
		case encoding == asymmetric.PKCS1 && public:
			if pair, err = asymmetric.ParsePublic(data, encoding); err != nil {
				if private, bad := asymmetric.ParsePrivate(data, encoding, passphrase); bad == nil {
					pair, err = private, nil
				}
			}
		default:
			pair, err = asymmetric.ParsePrivate(data, encoding, passphrase)
		}
		if err != nil {
			return nil, keyError(n.js, err)
		}
		if public {
			pair = asymmetric.Public(pair)
		}
		return n.key(pair), nil
	}},
	// jwk(object, public) reads the members of a JWK, which are strings.
	{"jwk", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		o := arg(args, 0).ToObject(n.js.VM)
		members := map[string]string{}
		for _, name := range o.Keys() {
			members[name] = o.Get(name).String()
		}
		pair, err := asymmetric.ParseJWK(members)
		if err != nil {
			return nil, keyError(n.js, err)
		}
		if arg(args, 1).ToBoolean() {
			pair = asymmetric.Public(pair)
		}
		return n.key(pair), nil
	}},
	// describe(handle) returns type, asymmetricKeyType and its details, or the secret's size.
	{"describe", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		h, o := handleOf(arg(args, 0)), n.js.VM.NewObject()
		must(o.Set("type", h.kind()))
		if h.pair == nil {
			must(o.Set("size", len(h.secret)))
			return o, nil
		}
		must(o.Set("asymmetricKeyType", h.algorithm()))
		details := n.js.VM.NewObject()
		switch k := asymmetric.Public(h.pair).(type) {
		case *rsa.PublicKey:
			must(details.Set("modulusLength", k.N.BitLen()))
			must(details.Set("publicExponent", bigInt(n.js, int64(k.E))))
		case *ecdsa.PublicKey:
			must(details.Set("namedCurve", asymmetric.CurveOf(k).OpenSSL))
		}
		must(o.Set("details", details))
		return o, nil
	}},
	{"public", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		return n.key(asymmetric.Public(handleOf(arg(args, 0)).pair)), nil
	}},
	{"equals", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		a, b := handleOf(arg(args, 0)), handleOf(arg(args, 1))
		if a.pair == nil || b.pair == nil {
			return n.js.VM.ToValue(a.kind() == b.kind() && subtle.ConstantTimeCompare(a.secret, b.secret) == 1), nil
		}
		return n.js.VM.ToValue(asymmetric.Equal(a.pair, b.pair)), nil
	}},
	// export(handle, encoding, pem, cipher, passphrase) returns a Buffer, or text for PEM.
	// A secret key has no encoding.
	{"export", 5, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		h := handleOf(arg(args, 0))
		if h.pair == nil {
			return n.buffer(bytes.Clone(h.secret)), nil
		}
		passphrase, err := optionalData(n, arg(args, 4), goja.Undefined(), "passphrase")
		if err != nil {
			return nil, err
		}
		asPEM := arg(args, 2).ToBoolean()
		b, err := asymmetric.Marshal(h.pair, arg(args, 1).String(), asPEM, optionalText(arg(args, 3)), passphrase)
		if err != nil {
			return nil, keyError(n.js, err)
		}
		if asPEM {
			return n.js.String(string(b)), nil
		}
		return n.buffer(b), nil
	}},
	// exportJWK(handle) returns an object.
	{"exportJWK", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		o := n.js.VM.NewObject()
		for _, m := range asymmetric.MarshalJWK(handleOf(arg(args, 0)).pair) {
			must(o.DefineDataProperty(m.Name, n.js.String(m.Value), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
		}
		return o, nil
	}},
	// fromCryptoKey(key) returns the handle of a CryptoKey, or undefined for another value.
	{"fromCryptoKey", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		k, ok := webidl.As[*webcrypto.CryptoKey](arg(args, 0))
		if !ok {
			return nil, nil
		}
		secret, pair := k.Material()
		if pair == nil {
			return keyHandleClass.Wrap(n.js, &keyHandle{secret: bytes.Clone(secret)}), nil
		}
		pair, err := asymmetric.Canonical(pair)
		if err != nil {
			return nil, err
		}
		return n.key(pair), nil
	}},
	// toCryptoKey(handle, algorithm, extractable, usages)
	{"toCryptoKey", 4, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		h := handleOf(arg(args, 0))
		format, data := "raw", h.secret
		if h.pair != nil {
			encoding := asymmetric.SPKI
			if h.kind() == "private" {
				encoding = asymmetric.PKCS8
			}
			b, err := asymmetric.Marshal(h.pair, encoding, false, "", nil)
			if err != nil {
				return nil, keyError(n.js, err)
			}
			format, data = encoding, b
		}
		return webcrypto.ImportKey(n.js, format, data, arg(args, 1), arg(args, 2).ToBoolean(), arg(args, 3))
	}},
}
