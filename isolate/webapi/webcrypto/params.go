package webcrypto

import (
	"bytes"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// params is a normalized algorithm: the members of all parameter dictionaries. Bytes
// are copies.
type params struct {
	mechanism      *mechanism
	hash           *hashFunction
	iv             []byte // iv or counter
	salt           []byte
	info           []byte
	label          []byte
	additionalData []byte
	tagLength      webidl.Opt[uint32]
	length         webidl.Opt[uint32] // bits, in all of its meanings
	saltLength     uint32
	iterations     uint32
	modulusLength  uint32
	publicExponent []byte // big-endian
	namedCurve     string
	public         *CryptoKey

	// checkpoint is called now and then by what may take long; it does not return if
	// the turn is over.
	checkpoint func()
}

// copied is a BufferSource whose bytes are kept.
var copied = webidl.NewType("BufferSource", func(js *webidl.Realm, v goja.Value) ([]byte, error) {
	b, err := webidl.BufferSource.Convert(js, v)
	return bytes.Clone(b), err
})

// bigInteger is https://w3c.github.io/webcrypto/#big-integer
var bigInteger = webidl.NewType("BigInteger", func(js *webidl.Realm, v goja.Value) ([]byte, error) {
	if view, ok := js.ViewOf(v); ok && view.Kind == "Uint8Array" {
		return bytes.Clone(view.Bytes()), nil
	}
	return nil, webidl.TypeError("The provided value is not of type 'Uint8Array'.")
})

// hashIdentifier is https://w3c.github.io/webcrypto/#dfn-HashAlgorithmIdentifier, normalized.
var hashIdentifier = webidl.NewType("HashAlgorithmIdentifier", func(js *webidl.Realm, v goja.Value) (*hashFunction, error) {
	id, err := toIdentifier(js, v)
	if err != nil {
		return nil, err
	}
	return hashNamed(id.name)
})

type field = webidl.Field[params]

func needsHash() field {
	return webidl.Needs("hash", hashIdentifier, func(p *params) **hashFunction { return &p.hash })
}

func needsIV(name string) field {
	return webidl.Needs(name, copied, func(p *params) *[]byte { return &p.iv })
}

func needsSalt() field {
	return webidl.Needs("salt", copied, func(p *params) *[]byte { return &p.salt })
}

func needsCurve() field {
	return webidl.Needs("namedCurve", webidl.DOMString, func(p *params) *string { return &p.namedCurve })
}

// bitLength is a member that is a number of bits, kept as 32-bit integer whatever its type.
func bitLength[G uint8 | uint16 | uint32](t webidl.Type[G]) webidl.Type[webidl.Opt[uint32]] {
	return webidl.NewType(t.Name, func(js *webidl.Realm, v goja.Value) (webidl.Opt[uint32], error) {
		n, err := t.Convert(js, v)
		return webidl.Some(uint32(n)), err
	})
}

func needsLength[G uint8 | uint16 | uint32](t webidl.Type[G]) field {
	return webidl.Needs("length", bitLength(t), func(p *params) *webidl.Opt[uint32] { return &p.length })
}

func hasLength[G uint8 | uint16 | uint32](t webidl.Type[G]) field {
	return webidl.Has("length", bitLength(t), func(p *params) *webidl.Opt[uint32] { return &p.length })
}

func newDict(name string, fields ...field) *dict {
	d := webidl.Dict(name, params{}, fields...)
	return &d
}

// The dictionaries of the standard, by its names.
var (
	aesGcmParams = newDict("AesGcmParams", needsIV("iv"),
		webidl.Has("additionalData", copied, func(p *params) *[]byte { return &p.additionalData }),
		// An octet in the standard; Workers say of larger values what they say of wrong ones.
		webidl.May("tagLength", webidl.UnsignedLongEnforced, func(p *params) *webidl.Opt[uint32] { return &p.tagLength }))
	aesCbcParams        = newDict("AesCbcParams", needsIV("iv"))
	aesCtrParams        = newDict("AesCtrParams", needsIV("counter"), needsLength(webidl.OctetEnforced))
	aesKeyGenParams     = newDict("AesKeyGenParams", needsLength(webidl.UnsignedShortEnforced))
	aesDerivedKeyParams = newDict("AesDerivedKeyParams", needsLength(webidl.UnsignedShortEnforced))
	hmacImportParams    = newDict("HmacImportParams", needsHash(), hasLength(webidl.UnsignedLongEnforced))
	hmacKeyGenParams    = newDict("HmacKeyGenParams", needsHash(), hasLength(webidl.UnsignedLongEnforced))
	rsaHashedImport     = newDict("RsaHashedImportParams", needsHash())
	rsaHashedKeyGen     = newDict("RsaHashedKeyGenParams", needsHash(),
		webidl.Needs("modulusLength", webidl.UnsignedLongEnforced, func(p *params) *uint32 { return &p.modulusLength }),
		webidl.Needs("publicExponent", bigInteger, func(p *params) *[]byte { return &p.publicExponent }))
	rsaPssParams = newDict("RsaPssParams",
		webidl.Needs("saltLength", webidl.UnsignedLongEnforced, func(p *params) *uint32 { return &p.saltLength }))
	rsaOaepParams = newDict("RsaOaepParams",
		webidl.Has("label", copied, func(p *params) *[]byte { return &p.label }))
	ecdsaParams         = newDict("EcdsaParams", needsHash())
	ecKeyGenParams      = newDict("EcKeyGenParams", needsCurve())
	ecKeyImportParams   = newDict("EcKeyImportParams", needsCurve())
	ecdhKeyDeriveParams = newDict("EcdhKeyDeriveParams",
		webidl.Needs("public", CryptoKeyClass.Instance(), func(p *params) **CryptoKey { return &p.public }))
	hkdfParams = newDict("HkdfParams", needsHash(), needsSalt(),
		webidl.Needs("info", copied, func(p *params) *[]byte { return &p.info }))
	pbkdf2Params = newDict("Pbkdf2Params", needsHash(), needsSalt(),
		webidl.Needs("iterations", webidl.UnsignedLongEnforced, func(p *params) *uint32 { return &p.iterations }))
)
