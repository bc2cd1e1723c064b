package webcrypto

import (
	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A CryptoKey is https://w3c.github.io/webcrypto/#cryptokey-interface
type CryptoKey struct {
	webidl.Handle
	key
	algorithmObject, usagesObject *goja.Object // made when first asked for
}

// CryptoKeyClass is the CryptoKey interface.
var CryptoKeyClass = &webidl.Class[*CryptoKey]{
	Name: "CryptoKey",
	Members: []webidl.Member[*CryptoKey]{
		webidl.ReadOnly("type", func(k *CryptoKey, _ *webidl.Realm) (string, error) { return string(k.kind), nil }),
		webidl.ReadOnly("extractable", func(k *CryptoKey, _ *webidl.Realm) (bool, error) { return k.extractable, nil }),
		webidl.ReadOnly("algorithm", (*CryptoKey).getAlgorithm),
		webidl.ReadOnly("usages", (*CryptoKey).getUsages),
	},
}

// Clone is the key's serialization and deserialization steps in one: a new CryptoKey of
// the same realm with the same key.
func (k *CryptoKey) Clone(*webidl.Realm) *CryptoKey {
	c := &CryptoKey{key: k.key}
	c.mac = nil // it has a state
	return c
}

// Material returns the bytes of a secret key, or else the key as Go's packages have it.
// It asks not whether the key may be exported: whoever calls says who sees it.
func (k *CryptoKey) Material() (secret []byte, pair any) { return k.secret, k.pair }

// getAlgorithm makes the KeyAlgorithm dictionary that fits the key.
func (k *CryptoKey) getAlgorithm(js *webidl.Realm) (*goja.Object, error) {
	if k.algorithmObject != nil {
		return k.algorithmObject, nil
	}
	o := newObject(js)
	k.algorithmObject = o.Object
	o.set("name", js.String(k.mechanism.name))
	if n := k.rsaPublic(); n != nil {
		o.set("modulusLength", js.VM.ToValue(n.N.BitLen()))
		o.set("publicExponent", js.Uint8Array(exponentBytes(n.E)))
	}
	if k.hash != nil {
		hash := newObject(js)
		hash.set("name", js.String(k.hash.name))
		o.set("hash", hash.Object)
	}
	if k.length > 0 {
		o.set("length", js.VM.ToValue(k.length))
	}
	switch {
	case k.curve != nil:
		o.set("namedCurve", js.String(k.curve.name))
	case k.mechanism == nodeEd25519:
		o.set("namedCurve", js.String(nodeEd25519.name))
	}
	return k.algorithmObject, nil
}

func (k *CryptoKey) getUsages(js *webidl.Realm) (*goja.Object, error) {
	if k.usagesObject == nil {
		k.usagesObject = js.Strings(k.usages.names()).(*goja.Object)
	}
	return k.usagesObject, nil
}

// object is an ordinary object being filled.
type object struct{ *goja.Object }

func newObject(js *webidl.Realm) object { return object{js.VM.NewObject()} }

// set defines a property whatever setters a script has put on Object.prototype.
func (o object) set(name string, v goja.Value) {
	if err := o.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE); err != nil {
		panic(err) // an ordinary object takes any property
	}
}
