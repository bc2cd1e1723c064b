package encoding

import (
	"bytes"
	"errors"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/transform"
)

// ErrInvalid is returned by a fatal Decoder for bytes that are not of its encoding.
var ErrInvalid = errors.New("The encoded data was not valid.")

// A Decoder turns bytes into text, piece by piece. It has the two settings that a
// TextDecoder has; Encoding must be set.
type Decoder struct {
	Encoding  *Encoding
	Fatal     bool // malformed bytes are ErrInvalid instead of U+FFFD
	IgnoreBOM bool // a byte order mark is text

	begun   bool        // the byte order mark, if any, is past
	pending []byte      // an incomplete sequence
	failed  bool        // the replacement encoding has complained
	index   *singleByte // of a single-byte encoding
	jis     *iso2022JP
	gb      *gb18030
	legacy  transform.Transformer
	buffer  []byte
}

// Decode decodes the next piece of input as UTF-8 text, all of it if last is set: an
// incomplete sequence at the end is then malformed, and the decoder starts anew. src is
// not kept.
func (d *Decoder) Decode(src []byte, last bool) (string, error) {
	if d.Encoding.ascii && len(d.pending) == 0 && isASCII(src) {
		d.begun = (d.begun || len(src) > 0) && !last
		return string(src), nil
	}
	if d.Encoding.kind == kindUTF8 && len(d.pending) == 0 && utf8.Valid(src) {
		text := d.unmark(src)
		d.begun = (d.begun || len(src) > 0) && !last
		return string(text), nil
	}
	if len(d.pending) > 0 {
		src = append(d.pending, src...)
		d.pending = nil
	}
	var text []byte
	var rest int // bytes at the end of src that more input must complete
	var err error
	switch d.Encoding.kind {
	case kindUTF8:
		text, rest, err = decodeUTF8(src, last, d.Fatal)
	case kindUTF16LE, kindUTF16BE:
		text, rest, err = decodeUTF16(src, d.Encoding.kind == kindUTF16BE, last, d.Fatal)
	case kindReplacement:
		text, err = d.replace(src)
	case kindSingleByte:
		if d.index == nil {
			d.index = singleByteIndex(d.Encoding.legacy)
		}
		text, err = d.index.decode(src, d.Fatal)
	case kindISO2022JP:
		if d.jis == nil {
			d.jis = newISO2022JP()
		}
		text, err = d.jis.decode(src, last, d.Fatal)
	case kindGB18030:
		if d.gb == nil {
			d.gb = newGB18030()
		}
		text, rest, err = d.gb.decode(src, last, d.Fatal)
	default:
		text, rest, err = d.decodeLegacy(src, last)
	}
	if err != nil {
		d.reset()
		return "", err
	}
	if rest > 0 {
		d.pending = bytes.Clone(src[len(src)-rest:])
	}
	if d.Encoding.marked() {
		marked := text
		text = d.unmark(text)
		d.begun = d.begun || len(marked) > 0
	}
	if last {
		d.reset()
	}
	if d.Encoding.kind == kindLegacy {
		return string(text), nil // the buffer is used again
	}
	return unsafe.String(unsafe.SliceData(text), len(text)), nil // text was made here
}

func (d *Decoder) reset() {
	d.begun, d.failed, d.pending = false, false, nil
	if d.jis != nil {
		*d.jis = iso2022JP{pairs: d.jis.pairs}
	}
	if d.legacy != nil {
		d.legacy.Reset()
	}
}

// unmark takes the byte order mark from the start of decoded text:
// https://encoding.spec.whatwg.org/#concept-td-serialize
func (d *Decoder) unmark(text []byte) []byte {
	if !d.begun && !d.IgnoreBOM {
		return bytes.TrimPrefix(text, []byte("\uFEFF"))
	}
	return text
}

// replace is https://encoding.spec.whatwg.org/#replacement-decoder
func (d *Decoder) replace(src []byte) ([]byte, error) {
	if len(src) == 0 || d.failed {
		return nil, nil
	}
	if d.Fatal {
		return nil, ErrInvalid
	}
	d.failed = true
	return []byte("\uFFFD"), nil
}

func (d *Decoder) decodeLegacy(src []byte, last bool) (text []byte, rest int, err error) {
	if d.legacy == nil {
		d.legacy = d.Encoding.legacy.NewDecoder().Transformer
	}
	d.buffer = d.buffer[:0]
	for {
		if cap(d.buffer)-len(d.buffer) < len(src)+16 {
			d.buffer = append(make([]byte, 0, len(d.buffer)+2*len(src)+64), d.buffer...)
		}
		written, read, err := d.legacy.Transform(d.buffer[len(d.buffer):cap(d.buffer)], src, last)
		d.buffer = d.buffer[:len(d.buffer)+written]
		src = src[read:]
		switch err {
		case nil, transform.ErrShortSrc:
			if d.Fatal && bytes.Contains(d.buffer, []byte("\uFFFD")) {
				return nil, 0, ErrInvalid
			}
			return d.buffer, len(src), nil
		case transform.ErrShortDst:
			d.buffer = append(make([]byte, 0, 2*cap(d.buffer)), d.buffer...)
		default:
			return nil, 0, ErrInvalid
		}
	}
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		// Eight bytes at a time.
		if (uint64(b[0])|uint64(b[1])|uint64(b[2])|uint64(b[3])|uint64(b[4])|uint64(b[5])|uint64(b[6])|uint64(b[7]))&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
