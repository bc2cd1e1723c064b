package webcrypto

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rsa"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/asymmetric"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// TestAESKW has the vectors of https://www.rfc-editor.org/rfc/rfc3394#section-4
func TestAESKW(t *testing.T) {
	for _, c := range []struct{ key, data, wrapped string }{
		{"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff", "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
		{"000102030405060708090a0b0c0d0e0f1011121314151617", "00112233445566778899aabbccddeeff0001020304050607", "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2"},
		{"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f", "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"},
	} {
		k := &key{secret: unhex(c.key)}
		wrapped, err := wrapKW(nil, k, unhex(c.data))
		if got := hex.EncodeToString(wrapped); err != nil || got != c.wrapped {
			t.Errorf("wrapped to %s, %v, want %s", got, err, c.wrapped)
		}
		data, err := unwrapKW(nil, k, wrapped)
		if got := hex.EncodeToString(data); err != nil || got != c.data {
			t.Errorf("unwrapped to %s, %v, want %s", got, err, c.data)
		}
		for i := range wrapped {
			wrapped[i] ^= 0x10
			if _, err := unwrapKW(nil, k, wrapped); err == nil {
				t.Errorf("unwrapped with byte %d changed", i)
			}
			wrapped[i] ^= 0x10
		}
	}
}

// TestCTRWraps compares with the counter counted block by block.
func TestCTRWraps(t *testing.T) {
	k := &key{secret: make([]byte, 16)}
	block, err := aes.NewCipher(k.secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		counter string
		bits    uint32
		size    int
	}{
		{"ffffffffffffffffffffffffffffffff", 1, 32},
		{"fffffffffffffffffffffffffffffffe", 3, 100},
		{"0000000000000000000000000000fff0", 12, 1000},
		{"ffffffffffffffffffffffffffffffff", 128, 40},
		{"ffffffffffffffffffffffffffffffff", 64, 48},
		{"00000000000000ffffffffffffffffff", 65, 48},
		{"00112233445566778899aabbccddeeff", 8, 16 * 256},
	} {
		data := bytes.Repeat([]byte{0x5a}, c.size)
		want := bytes.Clone(data)
		mask := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(c.bits)), big.NewInt(1))
		counter := new(big.Int).SetBytes(unhex(c.counter))
		for at := 0; at < len(want); at += 16 {
			var b [16]byte
			counter.FillBytes(b[:])
			block.Encrypt(b[:], b[:])
			for i := at; i < min(at+16, len(want)); i++ {
				want[i] ^= b[i-at]
			}
			next := new(big.Int).Add(counter, big.NewInt(1))
			counter.AndNot(counter, mask).Or(counter, next.And(next, mask))
		}
		p := &params{iv: unhex(c.counter), length: webidl.Some(c.bits)}
		got, err := cryptCTR(p, k, data)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s of %d bits differs for %d bytes: %v", c.counter, c.bits, c.size, err)
		}
	}
}

// TestShortTags compares with the full tag of the standard library.
func TestShortTags(t *testing.T) {
	k := &key{secret: []byte("0123456789abcdef")}
	aead, err := cipher.NewGCMWithNonceSize(k.aesCipher(), 7)
	if err != nil {
		t.Fatal(err)
	}
	full := aead.Seal(nil, []byte("7 bytes"), []byte("plain"), []byte("more"))
	for _, bits := range []uint32{32, 64, 96, 104, 112, 120, 128} {
		p := &params{iv: []byte("7 bytes"), additionalData: []byte("more"), tagLength: webidl.Some(bits)}
		got, err := encryptGCM(p, k, []byte("plain"))
		if want := full[:5+bits/8]; err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bits: %x, %v, want %x", bits, got, err, want)
		}
		if plain, err := decryptGCM(p, k, got); err != nil || string(plain) != "plain" {
			t.Errorf("%d bits: %q, %v", bits, plain, err)
		}
		for i := range got {
			got[i] ^= 1
			if _, err := decryptGCM(p, k, got); err == nil {
				t.Errorf("%d bits: decrypted with byte %d changed", bits, i)
			}
			got[i] ^= 1
		}
	}
}

// TestPBKDF2 has vectors of https://www.rfc-editor.org/rfc/rfc6070 and
// https://www.rfc-editor.org/rfc/rfc7914#section-11, and counts the checkpoints.
func TestPBKDF2(t *testing.T) {
	sha1, sha256 := hashFunctions[1], hashFunctions[0]
	for _, c := range []struct {
		hash           *hashFunction
		password, salt string
		iterations     int
		want           string
		checkpoints    int
	}{
		{sha1, "password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6", 0},
		{sha1, "password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957", 0},
		{sha1, "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038", 2},
		{sha256, "passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783", 0},
		{sha256, "Password", "NaCl", 80000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d", 39},
	} {
		checkpoints := 0
		got := hex.EncodeToString(pbkdf2(c.hash, []byte(c.password), []byte(c.salt), c.iterations, len(c.want)/2, func() { checkpoints++ }))
		if got != c.want || checkpoints != c.checkpoints {
			t.Errorf("%s, %s, %d: got %s with %d checkpoints, want %s with %d", c.password, c.salt, c.iterations, got, checkpoints, c.want, c.checkpoints)
		}
	}
}

func TestGenerateRSA(t *testing.T) {
	for _, e := range []int64{3, 17, 65537, 1<<31 - 1} {
		checkpoints := 0
		k := asymmetric.GenerateRSA(1024, big.NewInt(e), func() { checkpoints++ })
		if k.N.BitLen() != 1024 || int64(k.E) != e || k.Primes[0].Cmp(k.Primes[1]) <= 0 || checkpoints < 2 {
			t.Errorf("modulus of %d bits, exponent %d, %d checkpoints", k.N.BitLen(), k.E, checkpoints)
		}
		if err := k.Validate(); err != nil {
			t.Error(err)
		}
		pss := &key{kind: privateKey, mechanism: rsaPSS, hash: hashFunctions[0], pair: k}
		signature, err := signPSS(&params{}, pss, []byte("data"))
		if err != nil {
			t.Fatal(err)
		}
		public := &key{kind: publicKey, mechanism: rsaPSS, hash: hashFunctions[0], pair: &k.PublicKey}
		if ok, err := verifyPSS(&params{}, public, signature, []byte("data")); !ok || err != nil {
			t.Errorf("a signature without salt is not verified: %v", err)
		}
		if err := rsa.VerifyPSS(&k.PublicKey, hashFunctions[0].id, hashFunctions[0].sum([]byte("data")), signature, nil); err != nil {
			t.Errorf("package rsa does not verify a signature without salt: %v", err)
		}
		if ok, _ := verifyPSS(&params{saltLength: 32}, public, signature, []byte("data")); ok {
			t.Error("a signature without salt is taken for one with")
		}
	}
}

// FuzzCTR looks for counters by which a text does not come back.
func FuzzCTR(f *testing.F) {
	f.Add(uint64(1<<64-1), uint64(1<<64-1), uint8(64), []byte("some text of more than one block"))
	f.Add(uint64(0), uint64(0), uint8(0), []byte{})
	f.Fuzz(func(t *testing.T, high, low uint64, bits uint8, data []byte) {
		counter := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, high), low)
		p, k := &params{iv: counter, length: webidl.Some(uint32(bits))}, &key{secret: make([]byte, 32)}
		c, err := cryptCTR(p, k, data)
		if err != nil {
			return
		}
		if back, err := cryptCTR(p, k, c); err != nil || !bytes.Equal(back, data) {
			t.Errorf("%x, %v", back, err)
		}
	})
}

func TestHMACAllocates(t *testing.T) {
	k := &key{hash: hashFunctions[0], secret: []byte("secret")}
	data, mac := []byte("data"), make([]byte, 0, 32)
	k.authenticate(data, nil)
	if n := testing.AllocsPerRun(100, func() { mac = k.authenticate(data, mac[:0]) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if h := hmac.New(hashFunctions[0].new, k.secret); h.Size() != len(mac) {
		t.Errorf("%d bytes", len(mac))
	}
}
