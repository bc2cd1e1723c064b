package node

import (
	"crypto"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding"
	"hash"
	"math/big"
	"strconv"
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/crypto/hkdf"
	"golang.org/x/crypto/pbkdf2"
	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 Node offers it, and old protocols ask for it
	"golang.org/x/crypto/scrypt"
	"golang.org/x/crypto/sha3"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A digest is a hash function by Node's names of it.
type digest struct {
	new func() hash.Hash
	id  crypto.Hash
}

var digests = map[string]digest{
	"md5": {md5.New, crypto.MD5}, "sha1": {sha1.New, crypto.SHA1}, "sha224": {sha256.New224, crypto.SHA224},
	"sha256": {sha256.New, crypto.SHA256}, "sha384": {sha512.New384, crypto.SHA384}, "sha512": {sha512.New, crypto.SHA512},
	"sha512-224": {sha512.New512_224, crypto.SHA512_224}, "sha512-256": {sha512.New512_256, crypto.SHA512_256},
	"sha3-224": {sha3.New224, crypto.SHA3_224}, "sha3-256": {sha3.New256, crypto.SHA3_256},
	"sha3-384": {sha3.New384, crypto.SHA3_384}, "sha3-512": {sha3.New512, crypto.SHA3_512},
	"ripemd160": {ripemd160.New, crypto.RIPEMD160},
}

// digestOf finds a hash function by name: "SHA256", "sha-256" and "RSA-SHA256" are one.
func digestOf(name string) (digest, bool) {
	name = strings.TrimPrefix(strings.ToLower(name), "rsa-")
	switch name {
	case "sha-1", "sha-224", "sha-256", "sha-384", "sha-512":
		name = "sha" + name[4:]
	case "sha512/256", "sha512/224":
		name = strings.Replace(name, "/", "-", 1)
	case "rmd160", "ripemd":
		name = "ripemd160"
	}
	d, ok := digests[name]
	return d, ok
}

func invalidDigest(js *webidl.Realm, name string) error {
	return fail(js, "TypeError", "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: "+name)
}

// hasher is the native behind a Hash or Hmac object.
type hasher struct {
	new   func() hash.Hash
	state hash.Hash
}

// cryptoFunctions are the natives of node:crypto. They do their work at once: it counts
// as the worker's CPU time.
var cryptoFunctions = append([]function{
	hasherFunction,
	{"random", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := bytesOf(n.js, arg(args, 0), "buf")
		if err != nil {
			return nil, err
		}
		if _, err := n.js.Ambient(); err != nil { // not while the script loads
			return nil, err
		}
		_, err = rand.Read(b)
		return arg(args, 0), err
	}},
	// randomInt(min, max) is uniform in [min, max).
	{"randomInt", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		if _, err := n.js.Ambient(); err != nil {
			return nil, err
		}
		low := arg(args, 0).ToInteger()
		i, err := rand.Int(rand.Reader, big.NewInt(arg(args, 1).ToInteger()-low))
		if err != nil {
			return nil, err
		}
		return n.js.VM.ToValue(low + i.Int64()), nil
	}},
	{"equal", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		a, err := bytesOf(n.js, arg(args, 0), "buf1")
		if err != nil {
			return nil, err
		}
		b, err := bytesOf(n.js, arg(args, 1), "buf2")
		if err != nil {
			return nil, err
		}
		if len(a) != len(b) {
			return nil, fail(n.js, "RangeError", "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH", "Input buffers must have the same byte length")
		}
		return n.js.VM.ToValue(subtle.ConstantTimeCompare(a, b) == 1), nil
	}},
	{"pbkdf2", 5, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		password, salt, err := n.two(args, "password", "salt")
		if err != nil {
			return nil, err
		}
		d, ok := digestOf(arg(args, 4).String())
		if !ok {
			return nil, invalidDigest(n.js, arg(args, 4).String())
		}
		rounds, length := arg(args, 2).ToInteger(), arg(args, 3).ToInteger()
		if blocks := length/int64(d.new().Size()) + 1; rounds > maxRounds/blocks {
			return nil, fail(n.js, "RangeError", "ERR_OUT_OF_RANGE", "pbkdf2 would take more than "+strconv.Itoa(maxRounds)+" rounds, which is more than Mayfly allows")
		}
		return n.buffer(pbkdf2.Key(password, salt, int(rounds), int(length), d.new)), nil
	}},
	// scrypt(password, salt, length, N, r, p, most)
	{"scrypt", 7, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		password, salt, err := n.two(args, "password", "salt")
		if err != nil {
			return nil, err
		}
		length, cost, block, parallel := arg(args, 2).ToInteger(), arg(args, 3).ToInteger(), arg(args, 4).ToInteger(), arg(args, 5).ToInteger()
		if cost < 2 || block < 1 || parallel < 1 || cost > 1<<30 || block > 1<<20 || parallel > 1<<20 || 128*cost*block > min(arg(args, 6).ToInteger(), maxScrypt/parallel) {
			return nil, fail(n.js, "RangeError", "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "Invalid scrypt params: memory limit exceeded")
		}
		key, err := scrypt.Key(password, salt, int(cost), int(block), int(parallel), int(length))
		if err != nil {
			return nil, fail(n.js, "RangeError", "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", "Invalid scrypt params")
		}
		return n.buffer(key), nil
	}},
	// hkdf(digest, key, salt, info, length)
	{"hkdf", 5, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		d, ok := digestOf(arg(args, 0).String())
		if !ok {
			return nil, invalidDigest(n.js, arg(args, 0).String())
		}
		key, salt, err := n.two(args[1:], "ikm", "salt")
		if err != nil {
			return nil, err
		}
		info, err := dataOf(n.js, arg(args, 3), goja.Undefined(), "info")
		if err != nil {
			return nil, err
		}
		length := int(arg(args, 4).ToInteger())
		if length > 255*d.new().Size() {
			return nil, fail(n.js, "RangeError", "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length")
		}
		out := make([]byte, length)
		_, err = hkdf.New(d.new, key, salt, info).Read(out)
		return n.js.ArrayBuffer(out), err
	}},
}, cipherFunctions...)

// hasherFunction is hasher(name, key). It returns an object with update, digest and copy,
// or undefined for an unknown name. Without a key it hashes.
var hasherFunction = function{"hasher", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
	d, ok := digestOf(arg(args, 0).String())
	if !ok {
		return nil, nil
	}
	h := &hasher{new: d.new}
	if !goja.IsUndefined(arg(args, 1)) {
		key, err := dataOf(n.js, args[1], goja.Undefined(), "key")
		if err != nil {
			return nil, err
		}
		key = append([]byte(nil), key...)
		h.new = func() hash.Hash { return hmac.New(d.new, key) }
	}
	h.state = h.new()
	return n.hasher(h), nil
}}

// maxRounds bounds what PBKDF2 does in a call, and maxScrypt the bytes that scrypt goes
// over: neither can be stopped once it runs.
const (
	maxRounds = 1_000_000
	maxScrypt = 256 << 20
)

// two reads two arguments that are strings or buffers.
func (n *realm) two(args []goja.Value, first, second string) (a, b []byte, err error) {
	if a, err = dataOf(n.js, arg(args, 0), goja.Undefined(), first); err != nil {
		return nil, nil, err
	}
	b, err = dataOf(n.js, arg(args, 1), goja.Undefined(), second)
	return a, b, err
}

// hasher returns the object of h.
func (n *realm) hasher(h *hasher) *goja.Object {
	o := n.js.VM.NewObject()
	n.define(o, []function{
		{"update", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
			data, err := dataOf(n.js, arg(args, 0), arg(args, 1), "data")
			if err != nil {
				return nil, err
			}
			h.state.Write(data) // never fails
			return nil, nil
		}},
		{"digest", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
			return n.buffer(h.state.Sum(nil)), nil
		}},
		{"copy", 0, func(n *realm, _ goja.Value, _ []goja.Value) (goja.Value, error) {
			from, ok := h.state.(encoding.BinaryMarshaler)
			next := &hasher{new: h.new, state: h.new()}
			to, ok2 := next.state.(encoding.BinaryUnmarshaler)
			if !ok || !ok2 {
				return nil, fail(n.js, "Error", "ERR_METHOD_NOT_IMPLEMENTED", "this hash cannot be copied")
			}
			state, err := from.MarshalBinary()
			if err == nil {
				err = to.UnmarshalBinary(state)
			}
			if err != nil {
				return nil, err
			}
			return n.hasher(next), nil
		}},
	})
	return o
}
