package node

import (
	"unicode/utf8"

	"github.com/dop251/goja"
)

// decoderFunctions are the natives of node:string_decoder.
var decoderFunctions = []function{
	{"charset", 1, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		if c, ok := charsetOf(arg(args, 0).String()); ok {
			return n.js.String(charsetNames[c]), nil
		}
		return nil, nil
	}},
	{"complete", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := bytesOf(n.js, arg(args, 0), "buf")
		c, _ := charsetOf(arg(args, 1).String())
		return n.js.VM.ToValue(c.complete(b)), err
	}},
	{"needs", 2, func(n *realm, _ goja.Value, args []goja.Value) (goja.Value, error) {
		b, err := bytesOf(n.js, arg(args, 0), "buf")
		c, _ := charsetOf(arg(args, 1).String())
		return n.js.VM.ToValue(c.needs(b)), err
	}},
}

// complete returns how many bytes at the start of b stand for whole characters,
// whatever follows b.
func (c charset) complete(b []byte) int {
	switch c {
	case utf16Charset:
		n := len(b) &^ 1
		if n >= 2 && b[n-1]&0xFC == 0xD8 { // the first half of a pair
			n -= 2
		}
		return n
	case base64Charset, base64urlCharset:
		return len(b) / 3 * 3
	case utf8Charset:
		for i := 1; i < min(utf8.UTFMax, len(b)+1); i++ {
			if tail := b[len(b)-i:]; utf8.RuneStart(tail[0]) {
				if !utf8.FullRune(tail) {
					return len(b) - i
				}
				break
			}
		}
	}
	return len(b)
}

// needs returns how many bytes the character has that b begins.
func (c charset) needs(b []byte) int {
	switch c {
	case utf16Charset:
		if len(b) >= 2 {
			return 4
		}
		return 2
	case base64Charset, base64urlCharset:
		return 3
	}
	switch {
	case b[0] >= 0xF0:
		return 4
	case b[0] >= 0xE0:
		return 3
	}
	return 2
}
