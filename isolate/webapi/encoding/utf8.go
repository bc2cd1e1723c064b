package encoding

import "unicode/utf8"

// decodeUTF8 is https://encoding.spec.whatwg.org/#utf-8-decoder over a whole piece. The
// last rest bytes of src are the start of a sequence, unless last is set.
func decodeUTF8(src []byte, last, fatal bool) (text []byte, rest int, err error) {
	text = make([]byte, 0, len(src)+8)
	for len(src) > 0 {
		if c := src[0]; c < utf8.RuneSelf {
			text = append(text, c)
			src = src[1:]
			continue
		}
		if r, n := utf8.DecodeRune(src); r != utf8.RuneError || n == 3 {
			text = append(text, src[:n]...)
			src = src[n:]
			continue
		}
		n, complete := malformed(src)
		if !complete && !last {
			return text, len(src), nil
		}
		if fatal {
			return nil, 0, ErrInvalid
		}
		text = append(text, "\uFFFD"...)
		src = src[n:]
	}
	return text, 0, nil
}

// malformed returns the length of the ill-formed sequence at the start of b, the part
// that one U+FFFD stands for. complete is false if b is the beginning of a sequence
// that more bytes could make well-formed.
func malformed(b []byte) (n int, complete bool) {
	need, low, high := 0, byte(0x80), byte(0xBF)
	switch c := b[0]; {
	case 0xC2 <= c && c <= 0xDF:
		need = 1
	case 0xE0 <= c && c <= 0xEF:
		need = 2
		if c == 0xE0 {
			low = 0xA0
		} else if c == 0xED {
			high = 0x9F
		}
	case 0xF0 <= c && c <= 0xF4:
		need = 3
		if c == 0xF0 {
			low = 0x90
		} else if c == 0xF4 {
			high = 0x8F
		}
	default:
		return 1, true
	}
	for i := 1; i <= need; i++ {
		if i == len(b) {
			return i, false
		}
		if b[i] < low || b[i] > high {
			return i, true
		}
		low, high = 0x80, 0xBF
	}
	return need + 1, true
}
