package node

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"strconv"
	"strings"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// cipherFunctions are the natives of createCipheriv and createDecipheriv.
var cipherFunctions = []function{
	// cipher(name, key, iv, encrypt, tagLength) returns an object with update, final,
	// setAAD, setAuthTag and getAuthTag, or undefined for an unknown name.
	{"cipher", 5, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		bits, mode, ok := strings.Cut(strings.TrimPrefix(strings.ToLower(arg(args, 0).String()), "aes-"), "-")
		size, _ := strconv.Atoi(bits)
		if !ok || size != 128 && size != 192 && size != 256 {
			return nil, nil
		}
		key, err := dataOf(n.js, arg(args, 1), goja.Undefined(), "key")
		if err != nil {
			return nil, err
		}
		if len(key)*8 != size {
			return nil, fail(n.js, "RangeError", "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length")
		}
		var iv []byte
		if !goja.IsNull(arg(args, 2)) {
			if iv, err = dataOf(n.js, arg(args, 2), goja.Undefined(), "iv"); err != nil {
				return nil, err
			}
			iv = bytes.Clone(iv)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		badIV := fail(n.js, "TypeError", "ERR_CRYPTO_INVALID_IV", "Invalid initialization vector")
		c := &aesCipher{block: block, mode: mode, encrypt: arg(args, 3).ToBoolean(), padding: true, tagLength: int(arg(args, 4).ToInteger())}
		switch mode {
		case "cbc", "ctr":
			if len(iv) != aes.BlockSize {
				return nil, badIV
			}
			if mode == "ctr" {
				c.stream = cipher.NewCTR(block, iv)
			} else if c.encrypt {
				c.blocks = cipher.NewCBCEncrypter(block, iv)
			} else {
				c.blocks = cipher.NewCBCDecrypter(block, iv)
			}
		case "ecb":
			if len(iv) != 0 {
				return nil, badIV
			}
			c.blocks = ecb{block, c.encrypt}
		case "gcm":
			if len(iv) == 0 {
				return nil, badIV
			}
			c.iv = iv
		default:
			return nil, nil
		}
		return n.cipher(c), nil
	}},
}

// ecb is the mode in which every block stands alone. It is there for old data.
type ecb struct {
	cipher.Block
	encrypt bool
}

func (e ecb) CryptBlocks(dst, src []byte) {
	for len(src) > 0 {
		if e.encrypt {
			e.Encrypt(dst, src[:e.BlockSize()])
		} else {
			e.Decrypt(dst, src[:e.BlockSize()])
		}
		dst, src = dst[e.BlockSize():], src[e.BlockSize():]
	}
}

// aesCipher is one encryption or decryption. GCM gives its output at the end when it
// decrypts: Go hands out no text that is not authenticated. So does its encryption.
type aesCipher struct {
	block     cipher.Block
	mode      string
	encrypt   bool
	padding   bool
	stream    cipher.Stream
	blocks    cipher.BlockMode
	rest      []byte // not yet a block; of GCM everything
	iv, aad   []byte
	tag       []byte
	tagLength int
}

func (c *aesCipher) update(data []byte) []byte {
	switch {
	case c.stream != nil:
		out := make([]byte, len(data))
		c.stream.XORKeyStream(out, data)
		return out
	case c.mode == "gcm":
		c.rest = append(c.rest, data...)
		return nil
	}
	c.rest = append(c.rest, data...)
	whole := len(c.rest) / aes.BlockSize * aes.BlockSize
	if !c.encrypt && c.padding && whole == len(c.rest) && whole > 0 {
		whole -= aes.BlockSize // it may be the one with the padding
	}
	out := make([]byte, whole)
	c.blocks.CryptBlocks(out, c.rest[:whole])
	c.rest = append([]byte(nil), c.rest[whole:]...)
	return out
}

func (c *aesCipher) final(n *realm) ([]byte, error) {
	switch {
	case c.stream != nil:
		return nil, nil
	case c.mode == "gcm":
		return c.finalGCM(n)
	}
	if c.encrypt {
		if !c.padding {
			if len(c.rest) > 0 {
				return nil, fail(n.js, "Error", "ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH", "error:1C80006B:Provider routines::wrong final block length")
			}
			return nil, nil
		}
		pad := aes.BlockSize - len(c.rest)%aes.BlockSize
		c.rest = append(c.rest, bytes.Repeat([]byte{byte(pad)}, pad)...)
		out := make([]byte, len(c.rest))
		c.blocks.CryptBlocks(out, c.rest)
		return out, nil
	}
	if len(c.rest) == 0 && !c.padding {
		return nil, nil
	}
	if len(c.rest) != aes.BlockSize {
		return nil, fail(n.js, "Error", "ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH", "error:1C80006B:Provider routines::wrong final block length")
	}
	out := make([]byte, aes.BlockSize)
	c.blocks.CryptBlocks(out, c.rest)
	pad := int(out[aes.BlockSize-1])
	if pad < 1 || pad > aes.BlockSize || !bytes.Equal(out[aes.BlockSize-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, fail(n.js, "Error", "ERR_OSSL_BAD_DECRYPT", "error:1C800064:Provider routines::bad decrypt")
	}
	return out[:aes.BlockSize-pad], nil
}

func (c *aesCipher) finalGCM(n *realm) ([]byte, error) {
	aead, err := cipher.NewGCMWithNonceSize(c.block, len(c.iv))
	if err != nil {
		return nil, err
	}
	refused := webidl.PlainError("%s", "Unsupported state or unable to authenticate data")
	if c.encrypt {
		out := aead.Seal(nil, c.iv, c.rest, c.aad)
		text, tag := out[:len(out)-aead.Overhead()], out[len(out)-aead.Overhead():]
		c.tag = tag[:c.tagLength]
		return text, nil
	}
	if len(c.tag) == 0 {
		return nil, refused
	}
	if len(c.tag) == aead.Overhead() {
		out, err := aead.Open(nil, c.iv, append(c.rest, c.tag...), c.aad)
		if err != nil {
			return nil, refused
		}
		return out, nil
	}
	// A shortened tag: the text is the key stream's, and its full tag is made anew.
	keyed := aead.Seal(nil, c.iv, make([]byte, len(c.rest)), nil)
	text := make([]byte, len(c.rest))
	subtle.XORBytes(text, c.rest, keyed[:len(c.rest)])
	sealed := aead.Seal(nil, c.iv, text, c.aad)
	if subtle.ConstantTimeCompare(sealed[len(text):len(text)+len(c.tag)], c.tag) != 1 {
		return nil, refused
	}
	return text, nil
}

func (n *realm) cipher(c *aesCipher) *goja.Object {
	o := n.js.VM.NewObject()
	n.define(o, []function{
		{"update", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
			data, err := dataOf(n.js, arg(args, 0), arg(args, 1), "data")
			if err != nil {
				return nil, err
			}
			return n.buffer(c.update(data)), nil
		}},
		{"final", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
			out, err := c.final(n)
			if err != nil {
				return nil, err
			}
			return n.buffer(out), nil
		}},
		{"setAutoPadding", 1, func(_ *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
			c.padding = arg(args, 0).ToBoolean()
			return nil, nil
		}},
		{"setAAD", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
			data, err := dataOf(n.js, arg(args, 0), arg(args, 1), "buffer")
			c.aad = append(c.aad, data...)
			return nil, err
		}},
		{"setAuthTag", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
			data, err := dataOf(n.js, arg(args, 0), arg(args, 1), "buffer")
			if err != nil {
				return nil, err
			}
			if len(data) < 12 && len(data) != 4 && len(data) != 8 || len(data) > 16 {
				return nil, fail(n.js, "TypeError", "ERR_CRYPTO_INVALID_AUTH_TAG", "Invalid authentication tag length: "+strconv.Itoa(len(data)))
			}
			c.tag = bytes.Clone(data)
			return nil, nil
		}},
		{"getAuthTag", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
			if !c.encrypt || c.tag == nil {
				return nil, nil
			}
			return n.buffer(bytes.Clone(c.tag)), nil
		}},
	})
	return o
}
