package url

import (
	"math"
	"strconv"
	"strings"
)

// endsInNumber reports whether the last label of domain is a number, so that
// domain must be an IPv4 address.
// https://url.spec.whatwg.org/#ends-in-a-number-checker
func endsInNumber(domain string) bool {
	last := strings.TrimSuffix(domain, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	if last == "" || !isDigit(int(last[0])) {
		return false
	}
	digits := true
	for i := 0; i < len(last); i++ {
		digits = digits && isDigit(int(last[i]))
	}
	if digits {
		return true
	}
	_, valid := parseIPv4Number(last)
	return valid
}

// canonicalIPv4 parses an IPv4 address in any of its spellings and returns it
// with four decimal numbers.
// https://url.spec.whatwg.org/#concept-ipv4-parser
func canonicalIPv4(input string) (string, Failure) {
	rest := strings.TrimSuffix(input, ".")
	var address uint64
	for part := 0; ; part++ {
		if part == 4 {
			return "", failIPv4
		}
		label, after, more := strings.Cut(rest, ".")
		n, valid := parseIPv4Number(label)
		if !valid {
			return "", failIPv4
		}
		if !more {
			// The last number fills the bytes that are left.
			if n >= 1<<(8*(4-part)) {
				return "", failIPv4
			}
			address |= n
			break
		}
		if n > 255 {
			return "", failIPv4
		}
		address |= n << (8 * (3 - part))
		rest = after
	}
	var stack [15]byte
	b := stack[:0]
	for shift := 24; shift >= 0; shift -= 8 {
		b = strconv.AppendUint(b, address>>shift&255, 10)
		if shift > 0 {
			b = append(b, '.')
		}
	}
	if string(b) == input {
		return input, ok
	}
	return string(b), ok
}

// parseIPv4Number reads a decimal, octal (0…) or hexadecimal (0x…) number.
// Numbers that do not fit are reported as the greatest one.
// https://url.spec.whatwg.org/#ipv4-number-parser
func parseIPv4Number(s string) (n uint64, valid bool) {
	if s == "" {
		return 0, false
	}
	radix := uint64(10)
	switch {
	case len(s) >= 2 && s[0] == '0' && s[1]|0x20 == 'x':
		s, radix = s[2:], 16
	case len(s) >= 2 && s[0] == '0':
		s, radix = s[1:], 8
	}
	for i := 0; i < len(s); i++ {
		digit := uint64(hexValue(s[i]))
		if digit >= radix {
			return 0, false
		}
		if n = n*radix + digit; n > math.MaxUint32 {
			n = math.MaxUint32 + 1
		}
	}
	return n, true
}
