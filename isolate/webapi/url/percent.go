package url

import (
	"strings"
	"unicode/utf8"
)

// encodeSet is a percent-encode set.
// https://url.spec.whatwg.org/#percent-encoded-bytes
type encodeSet uint8

const (
	c0ControlSet encodeSet = 1 << iota
	fragmentSet
	querySet
	specialQuerySet
	pathSet
	userinfoSet
	componentSet
	formSet
)

// encodeTable holds for each byte the sets that contain it.
var encodeTable = func() (table [256]encodeSet) {
	// Each set is the one named before it and some more ASCII code points.
	sets := []struct{ set, includes encodeSet }{
		{c0ControlSet, 0},
		{fragmentSet, c0ControlSet},
		{querySet, c0ControlSet},
		{specialQuerySet, querySet},
		{pathSet, querySet},
		{userinfoSet, pathSet},
		{componentSet, userinfoSet},
		{formSet, componentSet},
	}
	more := map[encodeSet]string{
		fragmentSet:     " \"<>`",
		querySet:        " \"#<>",
		specialQuerySet: "'",
		pathSet:         "?^`{}",
		userinfoSet:     "/:;=@[\\]|",
		componentSet:    "$%&+,",
		formSet:         "!'()~",
	}
	for c := range table {
		if c <= 0x1f || c > 0x7e {
			table[c] |= c0ControlSet
		}
		for _, s := range sets {
			if table[c]&s.includes != 0 || c < 0x80 && strings.IndexByte(more[s.set], byte(c)) >= 0 {
				table[c] |= s.set
			}
		}
	}
	return table
}()

const upperHex = "0123456789ABCDEF"

// encode percent-encodes the bytes of s that are in set. It returns s itself
// when there are none.
// https://url.spec.whatwg.org/#string-percent-encode-after-encoding
func encode(s string, set encodeSet) string {
	for i := 0; i < len(s); i++ {
		if encodeTable[s[i]]&set != 0 {
			b := make([]byte, 0, len(s)+16)
			b = append(b, s[:i]...)
			return string(appendEncoded(b, s[i:], set))
		}
	}
	return s
}

// appendEncoded appends s to b with the bytes in set percent-encoded.
func appendEncoded(b []byte, s string, set encodeSet) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if encodeTable[c]&set != 0 {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}

// appendDecoded appends s to b with its percent-encoded bytes decoded.
// https://url.spec.whatwg.org/#string-percent-decode
func appendDecoded(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := hexValue(s[i+1]), hexValue(s[i+2]); hi < 16 && lo < 16 {
				b = append(b, hi<<4|lo)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return b
}

// hexValue is the value of an ASCII hex digit, or more than 15 for other bytes.
func hexValue(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// decodeUTF8 turns bytes into a string, each maximal ill-formed part becoming
// one U+FFFD. A byte order mark is kept.
// https://encoding.spec.whatwg.org/#utf-8-decode-without-bom
func decodeUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out := make([]byte, 0, len(b)+8)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			n = illFormed(b)
		}
		out = utf8.AppendRune(out, r)
		b = b[n:]
	}
	return string(out)
}

// illFormed is the length of the maximal ill-formed part at the start of b:
// what a decoder reads before it meets a byte that cannot continue.
func illFormed(b []byte) int {
	var need int
	low, high := byte(0x80), byte(0xbf)
	switch c := b[0]; {
	case 0xc2 <= c && c <= 0xdf:
		need = 1
	case 0xe0 <= c && c <= 0xef:
		need = 2
		if c == 0xe0 {
			low = 0xa0
		} else if c == 0xed {
			high = 0x9f
		}
	case 0xf0 <= c && c <= 0xf4:
		need = 3
		if c == 0xf0 {
			low = 0x90
		} else if c == 0xf4 {
			high = 0x8f
		}
	}
	n := 1
	for ; n <= need && n < len(b) && low <= b[n] && b[n] <= high; n++ {
		low, high = 0x80, 0xbf
	}
	return n
}
