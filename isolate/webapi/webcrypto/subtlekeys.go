package webcrypto

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// keyFormat is https://w3c.github.io/webcrypto/#dfn-KeyFormat
var keyFormat = webidl.NewType("KeyFormat", func(js *webidl.Realm, v goja.Value) (format, error) {
	s, err := keyFormatEnum.Convert(js, v)
	return format(s), err
})

var keyFormatEnum = webidl.Enum("KeyFormat", string(raw), string(spki), string(pkcs8), string(inJWK))

// keyUsages is sequence<KeyUsage>: https://w3c.github.io/webcrypto/#dfn-KeyUsage
var keyUsages = webidl.NewType("sequence<KeyUsage>", func(js *webidl.Realm, v goja.Value) (u usages, err error) {
	o, ok := v.(*goja.Object)
	if !ok {
		return 0, webidl.TypeError("The provided value cannot be converted to a sequence.")
	}
	err = js.Iterate(o, func(item goja.Value) error {
		name, err := webidl.DOMString.Convert(js, item)
		if err != nil {
			return err
		}
		usage := usageNamed(name)
		if usage == 0 {
			return webidl.TypeError("The provided value '%s' is not a valid enum value of type KeyUsage.", name)
		}
		u |= usage
		return nil
	})
	return u, err
})

// importedData is (BufferSource or JsonWebKey): the object, and whether it is the first.
type importedData struct {
	object *goja.Object
	buffer bool
	jwk    jwk
}

var importable = webidl.NewType("(BufferSource or JsonWebKey)", func(js *webidl.Realm, v goja.Value) (d importedData, err error) {
	d.object, _ = v.(*goja.Object)
	if _, d.buffer = js.BytesOf(v); !d.buffer {
		d.jwk, err = jwkDict.Convert(js, v)
	}
	return d, err
})

func (s *subtleCrypto) importKey(js *webidl.Realm, args []goja.Value) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-importKey
	a := arguments{js: js, values: args}
	f, data, algorithm := take(&a, keyFormat), take(&a, importable), take(&a, algorithmIdentifier)
	extractable, u := take(&a, webidl.Boolean), take(&a, keyUsages)
	if a.err != nil {
		return nil, a.err
	}
	p, err := normalize(js, opImportKey, algorithm)
	if err != nil {
		return nil, err
	}
	d := keyData{format: f}
	switch {
	case f == inJWK && data.buffer:
		return nil, webidl.TypeError("Key data must be an object for JWK import")
	case f == inJWK:
		d.jwk = &data.jwk
	case !data.buffer:
		return nil, webidl.TypeError("Key data must be a BufferSource for non-JWK formats")
	default:
		d.bytes = source{data.object}.bytes(js)
	}
	k, err := newKey(p, d, extractable, u)
	if err != nil {
		return nil, err
	}
	return webidl.Resolved(js, CryptoKeyClass.Wrap(js, k)), nil
}

// newKey imports a key and makes a CryptoKey of it.
func newKey(p *params, d keyData, extractable bool, u usages) (*CryptoKey, error) {
	k, err := p.mechanism.importKey(p, d, extractable, u)
	if err != nil {
		return nil, err
	}
	// If the key is secret or private and usages is empty, throw a SyntaxError.
	if k.kind != publicKey && k.usages == 0 {
		return nil, errUsages()
	}
	return &CryptoKey{key: *k}, nil
}

// ImportKey makes a CryptoKey of the bytes of a key, for what else has keys: algorithm is
// an AlgorithmIdentifier and uses a sequence of KeyUsages.
func ImportKey(js *webidl.Realm, f string, data []byte, algorithm goja.Value, extractable bool, uses goja.Value) (*goja.Object, error) {
	u, err := keyUsages.Convert(js, uses)
	if err != nil {
		return nil, err
	}
	p, err := normalize(js, opImportKey, algorithm)
	if err != nil {
		return nil, err
	}
	k, err := newKey(p, keyData{format: format(f), bytes: data}, extractable, u)
	if err != nil {
		return nil, err
	}
	return CryptoKeyClass.Wrap(js, k), nil
}

func (s *subtleCrypto) exportKey(js *webidl.Realm, f format, k *CryptoKey) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-exportKey
	d, err := exported(k, f)
	if err != nil {
		return nil, err
	}
	if d.jwk != nil {
		return webidl.Resolved(js, d.jwk.object(js)), nil
	}
	return webidl.Resolved(js, js.ArrayBuffer(d.bytes)), nil
}

func exported(k *CryptoKey, f format) (keyData, error) {
	if k.mechanism.exportKey == nil {
		return keyData{}, notSupported("%s keys cannot be exported", k.mechanism.name)
	}
	if !k.extractable {
		return keyData{}, invalidAccess("key is not extractable")
	}
	return k.mechanism.exportKey(&k.key, f)
}

func (s *subtleCrypto) generateKey(js *webidl.Realm, algorithm goja.Value, extractable bool, u usages) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-generateKey
	p, err := normalize(js, opGenerateKey, algorithm)
	if err != nil {
		return nil, err
	}
	p.checkpoint = js.Checkpoint
	g, err := p.mechanism.generate(p, extractable, u)
	if err != nil {
		return nil, err
	}
	if g.secret != nil {
		if g.secret.usages == 0 {
			return nil, errUsages()
		}
		return webidl.Resolved(js, CryptoKeyClass.Wrap(js, &CryptoKey{key: *g.secret})), nil
	}
	if g.private.usages == 0 {
		return nil, errUsages()
	}
	pair := newObject(js) // a CryptoKeyPair dictionary
	pair.set("privateKey", CryptoKeyClass.Wrap(js, &CryptoKey{key: *g.private}))
	pair.set("publicKey", CryptoKeyClass.Wrap(js, &CryptoKey{key: *g.public}))
	return webidl.Resolved(js, pair.Object), nil
}

// bitCount is the length of deriveBits: optional unsigned long? = null.
var bitCount = webidl.Default(webidl.NewType("unsigned long?", func(js *webidl.Realm, v goja.Value) (int, error) {
	if goja.IsNull(v) {
		return wholeSecret, nil
	}
	n, err := webidl.UnsignedLong.Convert(js, v)
	return int(n), err
}), wholeSecret)

func (s *subtleCrypto) deriveBits(js *webidl.Realm, algorithm goja.Value, k *CryptoKey, length int) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-deriveBits
	p, err := normalize(js, opDeriveBits, algorithm)
	if err != nil {
		return nil, err
	}
	if err := k.check(p.mechanism, useDeriveBits); err != nil {
		return nil, err
	}
	p.checkpoint = js.Checkpoint
	return resolveBuffer(js)(p.mechanism.deriveBits(p, &k.key, length))
}

func (s *subtleCrypto) deriveKey(js *webidl.Realm, args []goja.Value) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-deriveKey
	a := arguments{js: js, values: args}
	algorithm, base, derived := take(&a, algorithmIdentifier), take(&a, CryptoKeyClass.Instance()), take(&a, algorithmIdentifier)
	extractable, u := take(&a, webidl.Boolean), take(&a, keyUsages)
	if a.err != nil {
		return nil, a.err
	}
	p, err := normalize(js, opDeriveBits, algorithm)
	if err != nil {
		return nil, err
	}
	importing, err := normalize(js, opImportKey, derived)
	if err != nil {
		return nil, err
	}
	sized, err := normalize(js, opKeyLength, derived)
	if err != nil {
		return nil, err
	}
	if err := base.check(p.mechanism, useDeriveKey); err != nil {
		return nil, err
	}
	length, err := sized.mechanism.keyLength(sized)
	if err != nil {
		return nil, err
	}
	p.checkpoint = js.Checkpoint
	secret, err := p.mechanism.deriveBits(p, &base.key, length)
	if err != nil {
		return nil, err
	}
	k, err := newKey(importing, keyData{format: raw, bytes: secret}, extractable, u)
	if err != nil {
		return nil, err
	}
	return webidl.Resolved(js, CryptoKeyClass.Wrap(js, k)), nil
}
