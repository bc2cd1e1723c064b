package webcrypto

import (
	"reflect"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// subtleCrypto is the SubtleCrypto interface: https://w3c.github.io/webcrypto/#subtlecrypto-interface
type subtleCrypto struct{ webidl.Handle }

// SubtleCryptoClass is the SubtleCrypto interface.
var SubtleCryptoClass = &webidl.Class[*subtleCrypto]{
	Name: "SubtleCrypto",
	Members: []webidl.Member[*subtleCrypto]{
		webidl.Op3("encrypt", (*subtleCrypto).encrypt, algorithmIdentifier, CryptoKeyClass.Instance(), bufferSource),
		webidl.Op3("decrypt", (*subtleCrypto).decrypt, algorithmIdentifier, CryptoKeyClass.Instance(), bufferSource),
		webidl.Op3("sign", (*subtleCrypto).sign, algorithmIdentifier, CryptoKeyClass.Instance(), bufferSource),
		webidl.OpN("verify", 4, (*subtleCrypto).verify),
		webidl.Op2("digest", (*subtleCrypto).digest, algorithmIdentifier, bufferSource),
		webidl.Op3("generateKey", (*subtleCrypto).generateKey, algorithmIdentifier, webidl.Boolean, keyUsages),
		webidl.OpN("deriveKey", 5, (*subtleCrypto).deriveKey),
		webidl.Op3("deriveBits", (*subtleCrypto).deriveBits, algorithmIdentifier, CryptoKeyClass.Instance(), bitCount),
		webidl.OpN("importKey", 5, (*subtleCrypto).importKey),
		webidl.Op2("exportKey", (*subtleCrypto).exportKey, keyFormat, CryptoKeyClass.Instance()),
		webidl.OpN("wrapKey", 4, (*subtleCrypto).wrapKey),
		webidl.OpN("unwrapKey", 7, (*subtleCrypto).unwrapKey),
		webidl.Op2("timingSafeEqual", (*subtleCrypto).timingSafeEqual, bufferSource, bufferSource),
	},
}

// algorithmIdentifier is (object or DOMString), not normalized yet.
var algorithmIdentifier = webidl.NewType("AlgorithmIdentifier", func(js *webidl.Realm, v goja.Value) (goja.Value, error) {
	if o, ok := v.(*goja.Object); ok {
		return o, nil
	}
	s, err := webidl.DOMString.Convert(js, v)
	return js.String(s), err
})

// A source is a BufferSource argument whose bytes are taken after the algorithm was
// normalized, since that may run a script that changes or detaches it.
type source struct{ value goja.Value }

var (
	arrayBufferType = reflect.TypeFor[goja.ArrayBuffer]()
	bytesType       = reflect.TypeFor[[]byte]()
)

var bufferSource = webidl.NewType("BufferSource", func(js *webidl.Realm, v goja.Value) (source, error) {
	if o, ok := v.(*goja.Object); ok {
		switch o.ExportType() {
		case arrayBufferType, bytesType: // to look at the bytes already would cost more
			return source{v}, nil
		}
	}
	_, err := webidl.BufferSource.Convert(js, v)
	return source{v}, err
})

// bytes returns the bytes, which alias the script's memory until control returns to it:
// all work on them is done by then.
func (s source) bytes(js *webidl.Realm) []byte {
	b, _ := js.BytesOf(s.value)
	return b
}

func (s *subtleCrypto) encrypt(js *webidl.Realm, algorithm goja.Value, k *CryptoKey, data source) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-encrypt
	p, err := normalize(js, opEncrypt, algorithm)
	if err != nil {
		return nil, err
	}
	if err := k.check(p.mechanism, useEncrypt); err != nil {
		return nil, err
	}
	return resolveBuffer(js)(p.mechanism.encrypt(p, &k.key, data.bytes(js)))
}

func (s *subtleCrypto) decrypt(js *webidl.Realm, algorithm goja.Value, k *CryptoKey, data source) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-decrypt
	p, err := normalize(js, opDecrypt, algorithm)
	if err != nil {
		return nil, err
	}
	if err := k.check(p.mechanism, useDecrypt); err != nil {
		return nil, err
	}
	return resolveBuffer(js)(p.mechanism.decrypt(p, &k.key, data.bytes(js)))
}

func (s *subtleCrypto) sign(js *webidl.Realm, algorithm goja.Value, k *CryptoKey, data source) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-sign
	p, err := normalize(js, opSign, algorithm)
	if err != nil {
		return nil, err
	}
	if err := k.check(p.mechanism, useSign); err != nil {
		return nil, err
	}
	return resolveBuffer(js)(p.mechanism.sign(p, &k.key, data.bytes(js)))
}

func (s *subtleCrypto) verify(js *webidl.Realm, args []goja.Value) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-verify
	a := arguments{js: js, values: args}
	algorithm, k := take(&a, algorithmIdentifier), take(&a, CryptoKeyClass.Instance())
	signature, data := take(&a, bufferSource), take(&a, bufferSource)
	if a.err != nil {
		return nil, a.err
	}
	p, err := normalize(js, opVerify, algorithm)
	if err != nil {
		return nil, err
	}
	if err := k.check(p.mechanism, useVerify); err != nil {
		return nil, err
	}
	ok, err := p.mechanism.verify(p, &k.key, signature.bytes(js), data.bytes(js))
	if err != nil {
		return nil, err
	}
	return webidl.Resolved(js, js.VM.ToValue(ok)), nil
}

func (s *subtleCrypto) digest(js *webidl.Realm, algorithm goja.Value, data source) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-digest
	id, err := toIdentifier(js, algorithm)
	if err != nil {
		return nil, err
	}
	h, err := digestNamed(id.name)
	if err != nil {
		return nil, err
	}
	return resolveBuffer(js)(h.sum(data.bytes(js)), nil)
}

// resolveBuffer returns a function that makes a promise of bytes.
func resolveBuffer(js *webidl.Realm) func([]byte, error) (*webidl.Promise, error) {
	return func(b []byte, err error) (*webidl.Promise, error) {
		if err != nil {
			return nil, err
		}
		return webidl.Resolved(js, js.ArrayBuffer(b)), nil
	}
}

// arguments are converted one after the other, up to the first that fails.
type arguments struct {
	js     *webidl.Realm
	values []goja.Value
	next   int
	err    error
}

func take[G any](a *arguments, t webidl.Type[G]) (g G) {
	if a.err != nil {
		return g
	}
	v := goja.Undefined()
	if a.next < len(a.values) {
		v = a.values[a.next]
	}
	a.next++
	g, a.err = t.Convert(a.js, v)
	return g
}
