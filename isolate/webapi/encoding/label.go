package encoding

import (
	"bytes"
	"strings"

	xencoding "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// An Encoding is one of the standard's encodings.
type Encoding struct {
	// Name is the encoding's name in lower case, as TextDecoder.encoding shows it.
	Name string
	kind kind
	// legacy is the library's implementation.
	legacy xencoding.Encoding
	// ascii reports that bytes below 0x80 are those characters in every state.
	ascii bool
}

type kind uint8

const (
	kindLegacy kind = iota // several bytes to a character, by the library
	kindSingleByte
	kindISO2022JP
	kindGB18030
	kindUTF8
	kindUTF16LE
	kindUTF16BE
	kindReplacement
)

// marked reports whether text in the encoding may begin with a byte order mark.
func (e *Encoding) marked() bool {
	return e.kind == kindUTF8 || e.kind == kindUTF16LE || e.kind == kindUTF16BE
}

// UTF8 is the encoding that everything should be in.
var UTF8 = &Encoding{Name: "utf-8", kind: kindUTF8, ascii: true}

var (
	utf16LE     = &Encoding{Name: "utf-16le", kind: kindUTF16LE}
	utf16BE     = &Encoding{Name: "utf-16be", kind: kindUTF16BE}
	replacement = &Encoding{Name: "replacement", kind: kindReplacement}
)

// Lookup returns the encoding of a label, or nil:
// https://encoding.spec.whatwg.org/#concept-encoding-get
func Lookup(label string) *Encoding {
	// 1. Remove any leading and trailing ASCII whitespace from label.
	label = strings.Trim(label, "\t\n\f\r ")
	// 2. Compare ASCII case-insensitively.
	lower := make([]byte, len(label))
	for i := 0; i < len(label); i++ {
		c := label[i]
		if c <= ' ' || c >= 0x7F {
			return nil // no label has one, and the index folds more than ASCII
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch name := string(lower); name {
	case "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "utf-8", "utf8", "x-unicode20utf8":
		return UTF8
	case "csunicode", "iso-10646-ucs-2", "ucs-2", "unicode", "unicodefeff", "utf-16", "utf-16le":
		return utf16LE
	case "unicodefffe", "utf-16be":
		return utf16BE
	case "csiso2022kr", "hz-gb-2312", "iso-2022-cn", "iso-2022-cn-ext", "iso-2022-kr", "replacement":
		return replacement
	default:
		e, err := htmlindex.Get(name)
		if err != nil {
			return nil
		}
		canonical, err := htmlindex.Name(e)
		if err != nil {
			return nil
		}
		k := kindSingleByte
		switch canonical {
		case "iso-2022-jp":
			k = kindISO2022JP
		case "gbk", "gb18030":
			k = kindGB18030
		case "big5", "euc-jp", "shift_jis", "euc-kr":
			k = kindLegacy
		}
		return &Encoding{Name: canonical, kind: k, legacy: e, ascii: k != kindISO2022JP}
	}
}

// Sniff returns the encoding that a byte order mark at the start of b is of, or nil:
// https://encoding.spec.whatwg.org/#bom-sniff
func Sniff(b []byte) *Encoding {
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return UTF8
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return utf16BE
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return utf16LE
	}
	return nil
}
