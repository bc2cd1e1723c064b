package asymmetric_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/asymmetric"
)

func nothing() {}

func TestGroups(t *testing.T) {
	for name, bits := range map[string]int{"modp1": 768, "modp2": 1024, "modp5": 1536, "modp14": 2048, "modp15": 3072, "modp16": 4096} {
		p := asymmetric.Group(name)
		half := new(big.Int).Rsh(p, 1)
		if p.BitLen() != bits || !p.ProbablyPrime(0) || !half.ProbablyPrime(0) {
			t.Errorf("%s is %x, which is no safe prime of %d bits", name, p, bits)
		}
	}
	if asymmetric.Group("modp3") != nil {
		t.Error("there is no group modp3")
	}
}

// TestDecryptPKCS1 has what is padded badly decrypt to the same text each time.
func TestDecryptPKCS1(t *testing.T) {
	k := asymmetric.GenerateRSA(1024, big.NewInt(65537), nothing)
	for _, text := range []string{"", "text", string(make([]byte, 128-11))} {
		//lint:ignore SA1019 it is what is tested
		c, err := rsa.EncryptPKCS1v15(rand.Reader, &k.PublicKey, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := asymmetric.DecryptPKCS1(k, c); err != nil || string(got) != text {
			t.Errorf("got %q and %v, want %q", got, err, text)
		}
	}
	for _, em := range [][]byte{
		append([]byte{0, 1}, bytes.Repeat([]byte{1}, 126)...),                    // another type
		append([]byte{0, 2}, bytes.Repeat([]byte{1}, 126)...),                    // no end of the padding
		append([]byte{0, 2, 1, 1, 1, 1, 1, 1, 1, 0}, make([]byte, 118)...),       // padding that is too short
		append([]byte{1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}, make([]byte, 116)...), // does not begin with 0
	} {
		if em[0] == 1 && new(big.Int).SetBytes(em).Cmp(k.N) >= 0 {
			continue
		}
		c, err := asymmetric.PublicRaw(&k.PublicKey, em)
		if err != nil {
			t.Fatal(err)
		}
		first, err := asymmetric.DecryptPKCS1(k, c)
		again, err2 := asymmetric.DecryptPKCS1(k, c)
		if err != nil || err2 != nil || !bytes.Equal(first, again) || len(first) > 117 {
			t.Errorf("%x decrypts to %x and %x, %v, %v", em, first, again, err, err2)
		}
	}
}

func TestGeneratePrime(t *testing.T) {
	for size := 2; size < 80; size++ {
		for _, safe := range []bool{false, true} {
			if safe && size < 3 {
				continue
			}
			checkpoints := 0
			p := asymmetric.GeneratePrime(size, safe, nil, nil, func() { checkpoints++ })
			if p.BitLen() != size || !p.ProbablyPrime(10) || safe && !new(big.Int).Rsh(p, 1).ProbablyPrime(10) || checkpoints == 0 {
				t.Errorf("%v of %d bits, safe %v, after %d checkpoints", p, size, safe, checkpoints)
			}
		}
	}
}

// FuzzParsePEM has every key that is read be written and read again as the same.
func FuzzParsePEM(f *testing.F) {
	files, err := filepath.Glob("../node/testdata/keys/*.pem")
	if err != nil || len(files) == 0 {
		f.Fatal("no keys", err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		if block, _ := pem.Decode(b); block != nil {
			f.Add(block.Bytes)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, encoding := range []string{asymmetric.PKCS1, asymmetric.PKCS8, asymmetric.SEC1} {
			again(t, asymmetric.PKCS8, func() (any, error) { return asymmetric.ParsePrivate(b, encoding, []byte("secret")) })
		}
		for _, encoding := range []string{asymmetric.PKCS1, asymmetric.SPKI} {
			again(t, asymmetric.SPKI, func() (any, error) { return asymmetric.ParsePublic(b, encoding) })
		}
		again(t, asymmetric.SPKI, func() (any, error) { return asymmetric.ParsePEM(b, true, []byte("secret")) })
		again(t, asymmetric.PKCS8, func() (any, error) { return asymmetric.ParsePEM(b, false, []byte("secret")) })
	})
}

func again(t *testing.T, encoding string, parse func() (any, error)) {
	key, err := parse()
	if err != nil {
		return
	}
	der, err := asymmetric.Marshal(key, encoding, false, "", nil)
	if err != nil {
		t.Fatalf("%T cannot be encoded: %v", key, err)
	}
	read := asymmetric.ParsePublic
	if encoding == asymmetric.PKCS8 {
		read = func(der []byte, encoding string) (any, error) { return asymmetric.ParsePrivate(der, encoding, nil) }
	}
	same, err := read(der, encoding)
	if err != nil || !asymmetric.Equal(key, same) {
		t.Fatalf("%T is another when read again: %v", key, err)
	}
	members := map[string]string{}
	for _, m := range asymmetric.MarshalJWK(key) {
		members[m.Name] = m.Value
	}
	if same, err = asymmetric.ParseJWK(members); err != nil || !asymmetric.Equal(key, same) {
		t.Fatalf("%T is another when read from its JWK %v: %v", key, members, err)
	}
}

func FuzzParseJWK(f *testing.F) {
	f.Add("RSA", "", "", "", "AQAB", "sXch", "")
	f.Add("EC", "P-256", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "", "", "")
	f.Add("OKP", "Ed25519", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "", "", "", "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	f.Fuzz(func(t *testing.T, kty, crv, x, y, e, n, d string) {
		m := map[string]string{"kty": kty, "crv": crv, "x": x, "y": y, "e": e, "n": n}
		if d != "" {
			for _, name := range []string{"d", "p", "q", "dp", "dq", "qi"} {
				m[name] = d
			}
		}
		if key, err := asymmetric.ParseJWK(m); err == nil && asymmetric.MarshalJWK(key) == nil {
			t.Fatalf("%T has no JWK", key)
		}
	})
}
