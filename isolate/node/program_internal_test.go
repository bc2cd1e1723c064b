package node

import (
	"encoding/base64"
	"regexp"
	"testing"
)

// TestProgramsCompile compiles every file, and refuses in them what the engine gets wrong.
func TestProgramsCompile(t *testing.T) {
	banned := regexp.MustCompile(`[^'"\w.]arguments\b[.\[,)]|for await|async function\*|\\p\{`)
	for name, program := range programs {
		program()
		text, err := files.ReadFile("js/" + name + ".js")
		if err != nil {
			t.Fatal(err)
		}
		if found := banned.Find(text); found != nil {
			t.Errorf("%s has %q", name, found)
		}
	}
}

func FuzzDecompress(f *testing.F) {
	for _, format := range []string{"gzip", "deflate", "raw", "brotli", "unzip"} {
		f.Add(format, []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x4b\x04\x00\x43\xbe\xb7\xe8\x01\x00\x00\x00"))
		f.Add(format, []byte{0x78, 0x9c, 0x4b, 0x04, 0x00, 0x00, 0x62, 0x00, 0x62})
	}
	f.Fuzz(func(t *testing.T, format string, data []byte) {
		if out, err := decompress(format, data, 1<<16); err == nil && len(out) > 1<<16 {
			t.Errorf("%d bytes", len(out))
		}
	})
}

func FuzzCharsets(f *testing.F) {
	f.Add("aGk=", []byte{0xE2, 0x82})
	f.Add("0afg", []byte{0x3D, 0xD8, 0x00})
	f.Fuzz(func(t *testing.T, s string, b []byte) {
		if got := decodeBase64(base64.StdEncoding.EncodeToString(b)); string(got) != string(b) {
			t.Errorf("base64 of %x comes back as %x", b, got)
		}
		if n := len(decodeBase64(s)) + len(decodeHex(s)); n > 2*len(s)+3 {
			t.Errorf("%q gives %d bytes", s, n)
		}
		for c := range charset(len(charsetNames)) {
			if n := c.complete(b); n > len(b) || n < 0 {
				t.Errorf("%s: %d of %d bytes are complete", charsetNames[c], n, len(b))
			}
		}
	})
}
