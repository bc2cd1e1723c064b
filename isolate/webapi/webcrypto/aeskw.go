package webcrypto

import (
	"crypto/aes"
	"crypto/subtle"
	"encoding/binary"
)

// aesKW is https://w3c.github.io/webcrypto/#aes-kw
var aesKW = &mechanism{
	name: "AES-KW", jwk: "KW",
	wrap: wrapKW, unwrap: unwrapKW,
	generate: generateAES, generateDict: aesKeyGenParams,
	importKey: importAES, exportKey: exportAES,
	keyLength: aesLength, lengthDict: aesDerivedKeyParams,
}

// kwCheck is the initial value of https://www.rfc-editor.org/rfc/rfc3394#section-2.2.3.1
const kwCheck = 0xa6a6a6a6a6a6a6a6

// wrapKW is https://www.rfc-editor.org/rfc/rfc3394#section-2.2.1
func wrapKW(_ *params, k *key, data []byte) ([]byte, error) {
	n := len(data) / 8
	if len(data)%8 != 0 || n < 2 {
		return nil, operationError("The AES-KW input data length is invalid: not a multiple of 8 bytes, or less than 16")
	}
	block := k.aesCipher()
	out := make([]byte, len(data)+8)
	copy(out[8:], data)
	var b [aes.BlockSize]byte
	check := uint64(kwCheck)
	for j := range 6 {
		for i := 1; i <= n; i++ {
			r := out[i*8 : i*8+8]
			binary.BigEndian.PutUint64(b[:8], check)
			copy(b[8:], r)
			block.Encrypt(b[:], b[:])
			check = binary.BigEndian.Uint64(b[:8]) ^ uint64(n*j+i)
			copy(r, b[8:])
		}
	}
	binary.BigEndian.PutUint64(out, check)
	return out, nil
}

// unwrapKW is https://www.rfc-editor.org/rfc/rfc3394#section-2.2.2
func unwrapKW(_ *params, k *key, data []byte) ([]byte, error) {
	n := len(data)/8 - 1
	if len(data)%8 != 0 || n < 2 {
		return nil, operationError("The AES-KW input data length is invalid: not a multiple of 8 bytes, or less than 24")
	}
	block := k.aesCipher()
	out := make([]byte, len(data)-8)
	copy(out, data[8:])
	var b [aes.BlockSize]byte
	check := binary.BigEndian.Uint64(data)
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			r := out[(i-1)*8 : i*8]
			binary.BigEndian.PutUint64(b[:8], check^uint64(n*j+i))
			copy(b[8:], r)
			block.Decrypt(b[:], b[:])
			check = binary.BigEndian.Uint64(b[:8])
			copy(r, b[8:])
		}
	}
	var got, want [8]byte
	binary.BigEndian.PutUint64(got[:], check)
	binary.BigEndian.PutUint64(want[:], kwCheck)
	if subtle.ConstantTimeCompare(got[:], want[:]) == 0 {
		return nil, errDecrypt()
	}
	return out, nil
}
