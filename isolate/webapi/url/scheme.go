package url

// scheme tells the special schemes apart from all others.
// https://url.spec.whatwg.org/#special-scheme
type scheme uint8

const (
	schemeOther scheme = iota // not special
	schemeFile
	schemeFTP
	schemeHTTP
	schemeHTTPS
	schemeWS
	schemeWSS
)

// schemeOf classifies a scheme that is lower-case and has no colon.
func schemeOf(name string) scheme {
	switch name {
	case "https":
		return schemeHTTPS
	case "http":
		return schemeHTTP
	case "file":
		return schemeFile
	case "ws":
		return schemeWS
	case "wss":
		return schemeWSS
	case "ftp":
		return schemeFTP
	}
	return schemeOther
}

func (s scheme) special() bool { return s != schemeOther }

// defaultPort is the port that is never written for the scheme, or noPort.
func (s scheme) defaultPort() int32 {
	switch s {
	case schemeFTP:
		return 21
	case schemeHTTP, schemeWS:
		return 80
	case schemeHTTPS, schemeWSS:
		return 443
	}
	return noPort
}

func isAlpha(c int) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c int) bool { return '0' <= c && c <= '9' }

// lowerASCII maps A to Z to lower case and leaves every other byte alone.
// It returns s itself when there is nothing to map.
func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}
