package webcrypto

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// cryptoObject is the Crypto interface: https://w3c.github.io/webcrypto/#crypto-interface
type cryptoObject struct {
	webidl.Handle
	subtle *subtleCrypto // made when first asked for
}

// CryptoClass is the Crypto interface.
var CryptoClass = &webidl.Class[*cryptoObject]{
	Name: "Crypto",
	Members: []webidl.Member[*cryptoObject]{
		webidl.ReadOnly("subtle", (*cryptoObject).getSubtle),
		webidl.Op1("getRandomValues", (*cryptoObject).getRandomValues, webidl.ArrayBufferView),
		webidl.Op0("randomUUID", (*cryptoObject).randomUUID),
		webidl.ReadOnly("DigestStream", func(_ *cryptoObject, js *webidl.Realm) (*goja.Object, error) {
			return DigestStreamClass.Bind(js), nil
		}),
	},
}

func (c *cryptoObject) getSubtle(js *webidl.Realm) (*goja.Object, error) {
	if c.subtle == nil {
		c.subtle = &subtleCrypto{}
	}
	return SubtleCryptoClass.Wrap(js, c.subtle), nil
}

// maxRandom is how many bytes getRandomValues gives at once.
const maxRandom = 65536

// getRandomValues is https://w3c.github.io/webcrypto/#Crypto-method-getRandomValues
func (c *cryptoObject) getRandomValues(js *webidl.Realm, array *webidl.View) (*goja.Object, error) {
	// 1. If array is not of an integer type, throw a TypeMismatchError.
	switch array.Kind {
	case "Float32Array", "Float64Array", "DataView":
		return nil, webidl.DOMError("TypeMismatchError", "The provided ArrayBufferView is of type '%s', which is not an integer array type.", array.Kind)
	}
	// 2. If the byteLength of array is greater than 65536, throw a QuotaExceededError.
	if array.Length > maxRandom {
		return nil, webidl.DOMError("QuotaExceededError", "The ArrayBufferView's byte length (%d) exceeds the number of bytes of entropy available via this API (%d).", array.Length, maxRandom)
	}
	// 3. Overwrite all elements of array with cryptographically strong random values.
	_, _ = rand.Read(array.Bytes()) // it never fails
	// 4. Return array.
	return array.Object, nil
}

// randomUUID is https://w3c.github.io/webcrypto/#Crypto-method-randomUUID
func (c *cryptoObject) randomUUID(js *webidl.Realm) (string, error) {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40 // version 4
	b[8] = b[8]&0x3f | 0x80 // variant 10
	var text [36]byte
	at := 0
	for i, part := range [...][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			text[at] = '-'
			at++
		}
		at += hex.Encode(text[at:], part)
	}
	return string(text[:]), nil
}
