package encoding

import (
	"unicode/utf8"

	xencoding "golang.org/x/text/encoding"
)

// singleByte is an index of a single-byte encoding, for the bytes from 0x80:
// https://encoding.spec.whatwg.org/#single-byte-decoder
type singleByte [128]rune

// singleByteIndex returns the index of e.
func singleByteIndex(e xencoding.Encoding) *singleByte {
	var b [128]byte
	for i := range b {
		b[i] = byte(i + 0x80)
	}
	text, err := e.NewDecoder().Bytes(b[:])
	if err != nil {
		return nil
	}
	index := &singleByte{}
	for i := range index {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && i < 0x20 {
			r = rune(i + 0x80) // the library leaves out the C1 controls of ISO 8859
		}
		index[i] = r
		text = text[n:]
	}
	return index
}

func (index *singleByte) decode(src []byte, fatal bool) ([]byte, error) {
	text := make([]byte, 0, 2*len(src))
	for _, c := range src {
		if c < utf8.RuneSelf {
			text = append(text, c)
			continue
		}
		r := index[c-0x80]
		if r == utf8.RuneError && fatal {
			return nil, ErrInvalid
		}
		text = utf8.AppendRune(text, r)
	}
	return text, nil
}
