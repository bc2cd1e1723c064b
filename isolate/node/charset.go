package node

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webapi/encoding"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// A charset is one of Node's encodings of strings:
// https://nodejs.org/api/buffer.html#buffers-and-character-encodings
type charset uint8

const (
	utf8Charset charset = iota
	utf16Charset
	latin1Charset
	asciiCharset
	base64Charset
	base64urlCharset
	hexCharset
)

// charsetNames are their names as StringDecoder shows them.
var charsetNames = [...]string{"utf8", "utf16le", "latin1", "ascii", "base64", "base64url", "hex"}

// charsetOf finds a charset by any of its names.
func charsetOf(name string) (charset, bool) {
	switch name {
	case "utf8", "utf-8":
		return utf8Charset, true
	}
	switch strings.ToLower(name) {
	case "utf8", "utf-8":
		return utf8Charset, true
	case "ucs2", "ucs-2", "utf16le", "utf-16le":
		return utf16Charset, true
	case "latin1", "binary":
		return latin1Charset, true
	case "ascii":
		return asciiCharset, true
	case "base64":
		return base64Charset, true
	case "base64url":
		return base64urlCharset, true
	case "hex":
		return hexCharset, true
	}
	return 0, false
}

// charsetArg reads an encoding argument: utf8 if it is undefined or null.
func charsetArg(js *webidl.Realm, v goja.Value) (charset, error) {
	if goja.IsUndefined(v) || goja.IsNull(v) {
		return utf8Charset, nil
	}
	c, ok := charsetOf(v.String())
	if !ok {
		return 0, fail(js, "TypeError", "ERR_UNKNOWN_ENCODING", "Unknown encoding: "+v.String())
	}
	return c, nil
}

// encode returns the bytes of s, memory of their own.
func (c charset) encode(s goja.String) []byte {
	switch c {
	case utf16Charset:
		b := make([]byte, 2*s.Length())
		for i := range s.Length() {
			u := s.CharAt(i)
			b[2*i], b[2*i+1] = byte(u), byte(u>>8)
		}
		return b
	case latin1Charset, asciiCharset:
		text := s.String()
		if len(text) == s.Length() {
			return []byte(text)
		}
		b := make([]byte, s.Length())
		for i := range b {
			b[i] = byte(s.CharAt(i))
		}
		return b
	case base64Charset, base64urlCharset:
		return decodeBase64(s.String())
	case hexCharset:
		return decodeHex(s.String())
	}
	return []byte(s.String())
}

// size returns the number of bytes of s; of base64 it is as many as its length allows.
func (c charset) size(s goja.String) int {
	switch c {
	case utf16Charset:
		return 2 * s.Length()
	case latin1Charset, asciiCharset:
		return s.Length()
	case base64Charset, base64urlCharset:
		text := s.String()
		n := s.Length()
		for range 2 {
			if n > 0 && n <= len(text) && text[n-1] == '=' {
				n--
			}
		}
		return n * 3 / 4
	case hexCharset:
		return s.Length() / 2
	}
	return len(s.String())
}

// decode returns b as a string.
func (c charset) decode(js *webidl.Realm, b []byte) goja.Value {
	switch c {
	case utf16Charset:
		u := make([]uint16, len(b)/2)
		for i := range u {
			u[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		return goja.StringFromUTF16(u)
	case latin1Charset:
		if isASCII(b) {
			return js.String(string(b))
		}
		u := make([]uint16, len(b))
		for i, x := range b {
			u[i] = uint16(x)
		}
		return goja.StringFromUTF16(u)
	case asciiCharset:
		text := make([]byte, len(b))
		for i, x := range b {
			text[i] = x & 0x7F
		}
		return js.String(string(text))
	case base64Charset:
		return js.String(base64.StdEncoding.EncodeToString(b))
	case base64urlCharset:
		return js.String(base64.RawURLEncoding.EncodeToString(b))
	case hexCharset:
		return js.String(hex.EncodeToString(b))
	}
	return js.String(decodeUTF8(b))
}

// decodeUTF8 decodes as the Encoding standard does, keeping a byte order mark.
func decodeUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	d := encoding.Decoder{Encoding: encoding.Lookup("utf-8"), IgnoreBOM: true}
	text, _ := d.Decode(b, true) // not fatal
	return text
}

func isASCII(b []byte) bool {
	for _, x := range b {
		if x >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decodeBase64 decodes both alphabets, up to the first padding, over anything that is
// no digit.
func decodeBase64(s string) []byte {
	b := make([]byte, 0, len(s)*3/4+3)
	var bits uint32
	n := 0
	for i := 0; i < len(s); i++ {
		v := base64Digits[s[i]]
		if v == notBase64 {
			if s[i] == '=' {
				break
			}
			continue
		}
		bits = bits<<6 | uint32(v)
		if n++; n == 4 {
			b = append(b, byte(bits>>16), byte(bits>>8), byte(bits))
			bits, n = 0, 0
		}
	}
	switch n {
	case 2:
		b = append(b, byte(bits>>4))
	case 3:
		b = append(b, byte(bits>>10), byte(bits>>2))
	}
	return b
}

const notBase64 = 0xFF

var base64Digits = func() (table [256]byte) {
	for i := range table {
		table[i] = notBase64
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		table[c] = byte(i)
	}
	table['-'], table['_'] = 62, 63
	return table
}()

// decodeHex decodes up to the first pair that is no two digits.
func decodeHex(s string) []byte {
	b := make([]byte, len(s)/2)
	n, err := hex.Decode(b, []byte(s[:len(s)&^1]))
	if err != nil {
		return b[:n]
	}
	return b
}
