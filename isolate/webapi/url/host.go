package url

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// hostClass tells what a byte does to a host.
type hostClass uint8

const (
	forbiddenHost   hostClass = 1 << iota // forbidden in an opaque host
	forbiddenDomain                       // forbidden in a domain
	upperCase                             // mapped in a domain
	notPlain                              // a domain with it is decoded and maybe international
)

// hostTable holds the class of each byte.
// https://url.spec.whatwg.org/#forbidden-domain-code-point
var hostTable = func() (table [256]hostClass) {
	for c := range table {
		switch {
		case c >= 0x80 || c == '%':
			table[c] = notPlain
		case strings.IndexByte("\x00\t\n\r #/:<>?@[\\]^|", byte(c)) >= 0:
			table[c] = forbiddenHost | forbiddenDomain
		case c <= 0x1f || c == 0x7f:
			table[c] = forbiddenDomain
		case 'A' <= c && c <= 'Z':
			table[c] = upperCase
		}
	}
	return table
}()

// classify is the union of the classes of all bytes of s.
func classify(s string) (seen hostClass) {
	for i := 0; i < len(s); i++ {
		seen |= hostTable[s[i]]
	}
	return seen
}

// parseHost returns the serialized host. In a special URL it is a domain or an
// IPv4 or IPv6 address; elsewhere it is an opaque host or an IPv6 address.
// https://url.spec.whatwg.org/#concept-host-parser
func parseHost(input string, special bool) (string, Failure) {
	// 1. If input starts with U+005B ([), it is an IPv6 address.
	if strings.HasPrefix(input, "[") {
		if !strings.HasSuffix(input, "]") {
			return "", failIPv6
		}
		return canonicalIPv6(input)
	}
	seen := classify(input)
	// 2. Opaque-host parse.
	if !special {
		if seen&forbiddenHost != 0 {
			return "", failHost
		}
		return encode(input, c0ControlSet), ok
	}
	// 4. to 6. Domain to ASCII.
	domain := input
	if seen&notPlain != 0 {
		domain = decodeUTF8(appendDecoded(make([]byte, 0, len(input)), input))
		if !isASCII(domain) {
			var f Failure
			if domain, f = domainToASCII(domain); f != ok {
				return "", f
			}
		}
		// A percent sign that is left is forbidden.
		if seen = classify(domain); seen&notPlain != 0 {
			return "", failHost
		}
	}
	if seen&forbiddenDomain != 0 {
		return "", failHost
	}
	if seen&upperCase != 0 {
		domain = lowerASCII(domain)
	}
	if domain == "" {
		return "", failDomain
	}
	// 7. If asciiDomain ends in a number, it is an IPv4 address.
	if endsInNumber(domain) {
		return canonicalIPv4(domain)
	}
	return domain, ok
}

// uts46 is Unicode ToASCII as the URL standard calls it: CheckHyphens,
// UseSTD3ASCIIRules, Transitional_Processing, VerifyDnsLength and
// IgnoreInvalidPunycode are false, CheckBidi and CheckJoiners are true.
var uts46 = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
	idna.CheckJoiners(true),
	idna.BidiRule(),
	idna.VerifyDNSLength(false),
)

// maxInternational bounds, in bytes, the domains that are mapped: Punycode takes
// quadratic time, and a name in DNS has 253 bytes at most.
const maxInternational = 8 << 10

// domainToASCII maps and validates a domain name that is not ASCII. The result
// may hold forbidden code points. (ASCII domains are only mapped to lower case,
// and their Punycode is not looked at.)
// https://url.spec.whatwg.org/#concept-domain-to-ascii
func domainToASCII(domain string) (string, Failure) {
	if len(domain) > maxInternational {
		return "", failDomain
	}
	domain = strings.Map(mapRecent, domain)
	result, err := uts46.ToASCII(domain)
	if err != nil || result == "" || hasEmptyLabel(result) && hasEmptyPunycode(domain) {
		return "", failDomain
	}
	return result, ok
}

// mapRecent is what Unicode 15.1 and 16 changed in the mapping of UTS46, for
// the tables of package idna that are older.
func mapRecent(r rune) rune {
	switch {
	case r == 'ẞ':
		return 'ß'
	case r == '\u04c0', r == '\u2132', r == '\u2183', '\u10a0' <= r && r <= '\u10c5':
		return unicode.ToLower(r)
	case r == '\u115f', r == '\u1160', r == '\u17b4', r == '\u17b5', r == '\u180e', r == '\u3164', r == '\uffa0',
		'\u206a' <= r && r <= '\u206f', '\U0001d173' <= r && r <= '\U0001d17a':
		return -1
	case r == '\U0002f868':
		return '\u36fc'
	case r == '\U0002f874':
		return '\u5f53'
	case r == '\U0002f91f':
		return '\U000243ab'
	case r == '\U0002f95f':
		return '\u7aee'
	case r == '\U0002f9bf':
		return '\u45d7'
	}
	return r
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func hasEmptyLabel(domain string) bool {
	return domain[0] == '.' || domain[len(domain)-1] == '.' || strings.Contains(domain, "..")
}

// hasEmptyPunycode reports whether a label is "xn--" and nothing more, which
// package idna takes for an empty label.
func hasEmptyPunycode(domain string) bool {
	domain = strings.Map(func(r rune) rune {
		switch r {
		case '\u00ad', '\u200b', '\u2060', '\ufeff':
			return -1 // ignored code points
		case '。', '．', '｡':
			return '.'
		}
		return r
	}, domain)
	for label := range strings.SplitSeq(strings.ToLower(norm.NFKC.String(domain)), ".") {
		if label == "xn--" {
			return true
		}
	}
	return false
}
