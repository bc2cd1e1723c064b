package encoding

import (
	"unicode/utf16"
	"unicode/utf8"
)

// decodeUTF16 is https://encoding.spec.whatwg.org/#shared-utf-16-decoder over a whole
// piece. The last rest bytes of src are incomplete, unless last is set.
func decodeUTF16(src []byte, bigEndian, last, fatal bool) (text []byte, rest int, err error) {
	unit := func(i int) rune {
		if bigEndian {
			return rune(src[i])<<8 | rune(src[i+1])
		}
		return rune(src[i+1])<<8 | rune(src[i])
	}
	text = make([]byte, 0, len(src)+8)
	i := 0
	for i+1 < len(src) {
		r := unit(i)
		switch {
		case !utf16.IsSurrogate(r):
			i += 2
		case r >= 0xDC00: // a trail surrogate without a lead
			if fatal {
				return nil, 0, ErrInvalid
			}
			r = utf8.RuneError
			i += 2
		case i+3 >= len(src): // a lead surrogate at the end
			if !last {
				return text, len(src) - i, nil
			}
			// The end of the queue is one error, whatever is left over.
			if fatal {
				return nil, 0, ErrInvalid
			}
			return utf8.AppendRune(text, utf8.RuneError), 0, nil
		default:
			pair := utf16.DecodeRune(r, unit(i+2))
			i += 2
			if pair == utf8.RuneError { // the second unit is looked at again
				if fatal {
					return nil, 0, ErrInvalid
				}
			} else {
				i += 2
			}
			r = pair
		}
		text = utf8.AppendRune(text, r)
	}
	if i < len(src) {
		if !last {
			return text, 1, nil
		}
		if fatal {
			return nil, 0, ErrInvalid
		}
		text = utf8.AppendRune(text, utf8.RuneError)
	}
	return text, 0, nil
}
