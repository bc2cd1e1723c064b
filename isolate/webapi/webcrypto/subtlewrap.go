package webcrypto

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func (s *subtleCrypto) wrapKey(js *webidl.Realm, args []goja.Value) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-wrapKey
	a := arguments{js: js, values: args}
	f, k := take(&a, keyFormat), take(&a, CryptoKeyClass.Instance())
	wrapping, algorithm := take(&a, CryptoKeyClass.Instance()), take(&a, algorithmIdentifier)
	if a.err != nil {
		return nil, a.err
	}
	p, err := normalize(js, opWrapKey, algorithm)
	if err != nil {
		return nil, err
	}
	if err := wrapping.check(p.mechanism, useWrapKey); err != nil {
		return nil, err
	}
	d, err := exported(k, f)
	if err != nil {
		return nil, err
	}
	data := d.bytes
	if d.jwk != nil {
		data = d.jwk.appendText(nil)
	}
	wrap := p.mechanism.wrap
	if wrap == nil {
		wrap = p.mechanism.encrypt
	}
	return resolveBuffer(js)(wrap(p, &wrapping.key, data))
}

func (s *subtleCrypto) unwrapKey(js *webidl.Realm, args []goja.Value) (*webidl.Promise, error) {
	// https://w3c.github.io/webcrypto/#SubtleCrypto-method-unwrapKey
	a := arguments{js: js, values: args}
	f, wrapped, unwrapping := take(&a, keyFormat), take(&a, bufferSource), take(&a, CryptoKeyClass.Instance())
	algorithm, keyAlgorithm := take(&a, algorithmIdentifier), take(&a, algorithmIdentifier)
	extractable, u := take(&a, webidl.Boolean), take(&a, keyUsages)
	if a.err != nil {
		return nil, a.err
	}
	p, err := normalize(js, opUnwrapKey, algorithm)
	if err != nil {
		return nil, err
	}
	importing, err := normalize(js, opImportKey, keyAlgorithm)
	if err != nil {
		return nil, err
	}
	if err := unwrapping.check(p.mechanism, useUnwrapKey); err != nil {
		return nil, err
	}
	unwrap := p.mechanism.unwrap
	if unwrap == nil {
		unwrap = p.mechanism.decrypt
	}
	data, err := unwrap(p, &unwrapping.key, wrapped.bytes(js))
	if err != nil {
		return nil, err
	}
	d := keyData{format: f, bytes: data}
	if f == inJWK {
		if d.jwk, err = parseJWK(js, data); err != nil {
			return nil, err
		}
	}
	k, err := newKey(importing, d, extractable, u)
	if err != nil {
		return nil, err
	}
	return webidl.Resolved(js, CryptoKeyClass.Wrap(js, k)), nil
}

// parseJWK is https://w3c.github.io/webcrypto/#concept-parse-a-jwk
func parseJWK(js *webidl.Realm, data []byte) (*jwk, error) {
	v, err := js.ParseJSON(strings.ToValidUTF8(string(data), "\uFFFD"))
	if webidl.Interrupted(err) {
		panic(err)
	}
	if err != nil {
		return nil, dataError("The unwrapped data is not JSON")
	}
	if _, ok := v.(*goja.Object); !ok {
		return nil, dataError("The unwrapped data is not a JSON object")
	}
	j, err := jwkDict.Convert(js, v)
	if err != nil {
		return nil, err
	}
	if !j.kty.Set {
		return nil, dataError("The unwrapped JWK has no \"kty\" member")
	}
	return &j, nil
}
