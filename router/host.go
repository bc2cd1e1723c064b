package router

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxHost is the longest host name there can be, in bytes: RFC 1035, 2.3.4.
const maxHost = 253

// hostBytes gives for each byte of a host its lower-case form, or 0 when the byte cannot
// be in a host: letters, digits, "-._~" and the sub-delims of RFC 3986, 3.2.2.
var hostBytes = func() (t [256]byte) {
	for c := range 256 {
		switch b := byte(c); {
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9', strings.IndexByte("-._~!$&'()*+,;=", b) >= 0:
			t[c] = b
		case b >= 'A' && b <= 'Z':
			t[c] = b | 0x20
		}
	}
	return t
}()

// appendHost appends the normal form of the Host header of a request: lower case, without
// port and without the dot of the root, international names in their ASCII form. It
// allocates only for international names and IPv6 addresses.
func appendHost(dst, host []byte) ([]byte, error) {
	if len(host) == 0 {
		return nil, ErrMalformedHost
	}
	if host[0] == '[' {
		return appendIPv6(dst, host)
	}
	start := len(dst)
	for i, c := range host {
		b := hostBytes[c]
		if b == 0 {
			switch {
			case c == ':' && validPort(host[i+1:]):
				return finishHost(dst, start)
			case c >= utf8.RuneSelf:
				return appendInternational(dst[:start], host)
			}
			return nil, ErrMalformedHost
		}
		if b == '.' && (i == 0 || host[i-1] == '.') || i > maxHost {
			return nil, ErrMalformedHost
		}
		dst = append(dst, b)
	}
	return finishHost(dst, start)
}

func finishHost(dst []byte, start int) ([]byte, error) {
	if n := len(dst); n > start && dst[n-1] == '.' {
		dst = dst[:n-1]
	}
	if n := len(dst) - start; n == 0 || n > maxHost {
		return nil, ErrMalformedHost
	}
	return dst, nil
}

// validPort accepts what RFC 3986 does: any number of digits, here up to 65535.
func validPort(port []byte) bool {
	n := 0
	for _, c := range port {
		if c < '0' || c > '9' {
			return false
		}
		if n = 10*n + int(c-'0'); n > 65535 {
			return false
		}
	}
	return true
}

func appendIPv6(dst, host []byte) ([]byte, error) {
	inner, port, ok := strings.Cut(string(host[1:]), "]")
	if !ok || port != "" && (port[0] != ':' || !validPort([]byte(port[1:]))) {
		return nil, ErrMalformedHost
	}
	addr, err := netip.ParseAddr(inner)
	if err != nil || !addr.Is6() || addr.Zone() != "" {
		return nil, ErrMalformedHost
	}
	return append(addr.AppendTo(append(dst, '[')), ']'), nil
}

func appendInternational(dst, host []byte) ([]byte, error) {
	name, port, _ := strings.Cut(string(host), ":")
	if !utf8.ValidString(name) || !validPort([]byte(port)) {
		return nil, ErrMalformedHost
	}
	ascii, err := international().ToASCII(name)
	if err != nil {
		return nil, ErrMalformedHost
	}
	for i := range len(ascii) {
		if hostBytes[ascii[i]] == 0 || ascii[i] == '.' && (i == 0 || ascii[i-1] == '.') {
			return nil, ErrMalformedHost
		}
	}
	return finishHost(append(dst, strings.ToLower(ascii)...), len(dst))
}

// international is UTS #46 processing as the URL standard asks for it:
// https://url.spec.whatwg.org/#concept-domain-to-ascii
func international() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false),
		idna.CheckHyphens(false), idna.CheckJoiners(true), idna.BidiRule(), idna.VerifyDNSLength(false))
}

// What a Host header may have beyond a pattern, and what a pattern may.
const (
	delimiters = "~!$&'()*+,;="
	inHosts    = "a host has letters, digits, hyphens, underscores and dots only"
)

// hostName returns the normal form of a host in a pattern. At of the error counts from
// the start of text.
func hostName(text string) (string, *PatternError) {
	fail := func(at int, err error, fix string) (string, *PatternError) {
		return "", &PatternError{At: at, Err: err, Fix: fix}
	}
	if text == "" {
		return fail(0, ErrHost, "write a host, such as example.com")
	}
	if i := strings.LastIndexByte(text, ':'); i >= 0 && i > strings.IndexByte(text, ']') && text[0] != '[' || i > 0 && text[0] == '[' && strings.Contains(text[:i], "]") {
		return fail(i, ErrPort, "a route matches every port; remove it")
	}
	if text[0] != '[' {
		for i, r := range text {
			if r < utf8.RuneSelf && (hostBytes[r] == 0 || strings.ContainsRune(delimiters, r)) {
				return fail(i, ErrHost, inHosts)
			}
		}
		if i := strings.Index("."+text, ".."); i >= 0 {
			return fail(i, ErrHost, "there is an empty label between dots")
		}
	}
	name, err := appendHost(nil, []byte(text))
	if err != nil {
		return fail(0, ErrHost, "this is not a host name")
	}
	if strings.ContainsAny(string(name), delimiters) { // some letters stand for several others
		return fail(0, ErrHost, inHosts)
	}
	for label := range strings.SplitSeq(string(name), ".") {
		if len(label) > 63 && name[0] != '[' {
			return fail(0, ErrHost, "a label between dots has at most 63 bytes")
		}
	}
	return string(name), nil
}
