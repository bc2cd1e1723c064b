package encoding

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// gb18030 is https://encoding.spec.whatwg.org/#gb18030-decoder, which also is the
// decoder of GBK. The index is the library's; what it says of errors, of the private use
// area and of the revision of 2005 is not the standard's.
type gb18030 struct{ index transform.Transformer }

func newGB18030() *gb18030 { return &gb18030{simplifiedchinese.GB18030.NewDecoder()} }

// decode decodes a piece, of which the last rest bytes are incomplete unless last is set.
func (d *gb18030) decode(src []byte, last, fatal bool) (text []byte, rest int, err error) {
	text = make([]byte, 0, 2*len(src))
	for len(src) > 0 {
		r, n := d.next(src)
		if n == 0 { // the input ends within a character
			if !last {
				return text, len(src), nil
			}
			r, n = bad, len(src)
		}
		if r == bad {
			if fatal {
				return nil, 0, ErrInvalid
			}
			r = utf8.RuneError
		}
		text = utf8.AppendRune(text, r)
		src = src[n:]
	}
	return text, 0, nil
}

// next decodes the character at the start of b, which is n bytes long; n is 0 if more
// bytes are needed.
func (d *gb18030) next(b []byte) (r rune, n int) {
	first := b[0]
	switch {
	case first < 0x80:
		return rune(first), 1
	case first == 0x80:
		return '€', 1
	case first == 0xFF:
		return bad, 1
	case len(b) == 1:
		return 0, 0
	}
	second := b[1]
	switch {
	case 0x30 <= second && second <= 0x39:
		if len(b) == 2 {
			return 0, 0
		}
		if b[2] < 0x81 || b[2] > 0xFE {
			return bad, 1 // what follows is read again
		}
		if len(b) == 3 {
			return 0, 0
		}
		if b[3] < 0x30 || b[3] > 0x39 {
			return bad, 1
		}
		return d.four(b[:4]), 4
	case 0x40 <= second && second <= 0x7E, 0x80 <= second && second <= 0xFE:
		r := d.two(first, second)
		if r == bad && second < 0x80 {
			return bad, 1
		}
		return r, 2
	case second < 0x80:
		return bad, 1
	}
	return bad, 2
}

// two is the index of two bytes.
func (d *gb18030) two(first, second byte) rune {
	if first == 0xA8 && second == 0xBC {
		return 'ḿ' // a private use character in 2000
	}
	if r := d.look([]byte{first, second}); r != utf8.RuneError {
		return r
	}
	switch {
	case 0xAA <= first && first <= 0xAF && second >= 0xA1:
		return 0xE000 + rune(first-0xAA)*94 + rune(second-0xA1)
	case 0xF8 <= first && second >= 0xA1:
		return 0xE234 + rune(first-0xF8)*94 + rune(second-0xA1)
	case 0xA1 <= first && first <= 0xA7 && second <= 0xA0:
		column := rune(second - 0x40)
		if second > 0x7E {
			column--
		}
		return 0xE4C6 + rune(first-0xA1)*96 + column
	}
	return bad
}

// four is https://encoding.spec.whatwg.org/#index-gb18030-ranges-code-point
func (d *gb18030) four(b []byte) rune {
	pointer := ((rune(b[0]-0x81)*10+rune(b[1]-0x30))*126+rune(b[2]-0x81))*10 + rune(b[3]-0x30)
	switch {
	case pointer > 39419 && pointer < 189000 || pointer > 1237575:
		return bad
	case pointer == 7457:
		return 0xE7C7
	case pointer >= 189000:
		return 0x10000 + pointer - 189000
	}
	return d.look(b) // U+FFFD itself has four bytes too
}

func (d *gb18030) look(b []byte) rune {
	var dst [8]byte
	d.index.Reset()
	n, _, err := d.index.Transform(dst[:], b, true)
	if err != nil {
		return utf8.RuneError
	}
	r, size := utf8.DecodeRune(dst[:n])
	if size != n {
		return utf8.RuneError
	}
	return r
}
