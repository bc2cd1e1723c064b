package encoding

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
)

// iso2022JP is https://encoding.spec.whatwg.org/#iso-2022-jp-decoder, which is stricter
// than the library's. Its zero value is not ready: see newISO2022JP.
type iso2022JP struct {
	state, output jisState
	lead          byte
	flag          bool // an escape sequence has just been read
	pairs         transform.Transformer
}

type jisState uint8

const (
	jisASCII jisState = iota
	jisRoman
	jisKatakana
	jisLead
	jisTrail
	jisEscapeStart
	jisEscape
)

func newISO2022JP() *iso2022JP { return &iso2022JP{pairs: japanese.EUCJP.NewDecoder()} }

// decode decodes a piece. The state goes on to the next piece unless last is set.
func (d *iso2022JP) decode(src []byte, last, fatal bool) ([]byte, error) {
	text := make([]byte, 0, len(src)+8)
	for i := 0; i <= len(src); i++ {
		var again int
		var r rune
		if i == len(src) {
			if !last {
				break
			}
			r, again = d.end()
		} else {
			r, again = d.next(src[i])
		}
		switch {
		case r == bad && fatal:
			return nil, ErrInvalid
		case r == bad:
			text = utf8.AppendRune(text, utf8.RuneError)
		case r >= 0:
			text = utf8.AppendRune(text, r)
		}
		if again == 2 {
			// The lead of a broken escape sequence is a character of its own, and
			// what came after it is read again.
			r, _ := d.next(d.lead)
			if r == bad && fatal {
				return nil, ErrInvalid
			}
			if r == bad {
				r = utf8.RuneError
			}
			if r >= 0 {
				text = utf8.AppendRune(text, r)
			}
		}
		if again > 0 {
			i--
		}
	}
	if last {
		*d = iso2022JP{pairs: d.pairs}
	}
	return text, nil
}

// What a byte may stand for instead of a character.
const (
	none rune = -1
	bad  rune = -2
)

// next reads one byte. again is 1 if the byte must be read again, and 2 if d.lead and
// then the byte must be.
func (d *iso2022JP) next(c byte) (r rune, again int) {
	switch d.state {
	case jisEscapeStart:
		if c == '$' || c == '(' {
			d.lead, d.state = c, jisEscape
			return none, 0
		}
		d.flag, d.state = false, d.output
		return bad, 1
	case jisEscape:
		lead := d.lead
		state, known := jisState(0), true
		switch {
		case lead == '(' && c == 'B':
			state = jisASCII
		case lead == '(' && c == 'J':
			state = jisRoman
		case lead == '(' && c == 'I':
			state = jisKatakana
		case lead == '$' && (c == '@' || c == 'B'):
			state = jisLead
		default:
			known = false
		}
		if known {
			d.state, d.output = state, state
			repeated := d.flag
			d.flag = true
			if repeated {
				return bad, 0
			}
			return none, 0
		}
		d.flag, d.state = false, d.output
		return bad, 2
	case jisTrail:
		switch {
		case c == 0x1B:
			d.state = jisEscapeStart
			return bad, 0
		case 0x21 <= c && c <= 0x7E:
			d.state = jisLead
			return d.pair(d.lead, c), 0
		}
		d.state = jisLead
		return bad, 0
	}
	if c == 0x1B {
		d.state = jisEscapeStart
		return none, 0
	}
	d.flag = false
	switch d.state {
	case jisKatakana:
		if 0x21 <= c && c <= 0x5F {
			return 0xFF61 - 0x21 + rune(c), 0
		}
		return bad, 0
	case jisLead:
		if 0x21 <= c && c <= 0x7E {
			d.lead, d.state = c, jisTrail
			return none, 0
		}
		return bad, 0
	}
	switch {
	case c >= 0x80 || c == 0x0E || c == 0x0F:
		return bad, 0
	case d.state == jisRoman && c == 0x5C:
		return '¥', 0
	case d.state == jisRoman && c == 0x7E:
		return '‾', 0
	}
	return rune(c), 0
}

// end reads the end of the input; again is as for next.
func (d *iso2022JP) end() (r rune, again int) {
	switch d.state {
	case jisTrail:
		d.state = jisLead
		return bad, 1
	case jisEscapeStart:
		d.flag, d.state = false, d.output
		return bad, 1
	case jisEscape:
		d.flag, d.state = false, d.output
		return bad, 2
	}
	return none, 0
}

// pair returns the character of two bytes in JIS X 0208, which EUC-JP has with the high bits set.
func (d *iso2022JP) pair(lead, trail byte) rune {
	var dst [8]byte
	d.pairs.Reset()
	n, _, err := d.pairs.Transform(dst[:], []byte{lead | 0x80, trail | 0x80}, true)
	if r, _ := utf8.DecodeRune(dst[:n]); err == nil && r != utf8.RuneError {
		return r
	}
	return bad
}
