package router

import (
	"strings"
)

// A scheme is a set of the two schemes a pattern may ask for.
type scheme uint8

const (
	schemeHTTP scheme = 1 << iota
	schemeHTTPS
	schemeAny = schemeHTTP | schemeHTTPS
)

// A Pattern is a parsed route pattern: [http://|https://]host[path], where "*" may be the
// first character of the host and the last character of the path.
type Pattern struct {
	text   string
	scheme scheme
	host   string // in normal form, without the wildcard
	suffix bool   // the host began with "*"
	path   string // in normal form, without the wildcard
	prefix bool   // the path ended with "*"
	score  int
	key    string // the pattern in normal form: two patterns with one key match the same requests
}

// ParsePattern parses a route pattern. Every error is a *[PatternError].
//
//   - Without a scheme both schemes match; without a path only "/" does.
//   - "*.example.com" matches hosts below example.com; "*example.com" matches every host
//     that ends so, among them "myexample.com".
//   - The path is compared with path and query together, with regard to case.
func ParsePattern(text string) (Pattern, error) {
	p := Pattern{text: text, scheme: schemeAny}
	fail := func(at int, err error, fix string) (Pattern, error) {
		return Pattern{}, &PatternError{Text: text, At: at, Err: err, Fix: fix}
	}
	rest, at := text, 0
	if i := strings.Index(text, "://"); i >= 0 && !strings.ContainsAny(text[:i], "/?#") {
		switch strings.ToLower(text[:i]) {
		case "http":
			p.scheme = schemeHTTP
		case "https":
			p.scheme = schemeHTTPS
		default:
			return fail(0, ErrScheme, "write http://, https:// or no scheme for both")
		}
		at = i + len("://")
		rest = text[at:]
	}
	if i := strings.IndexByte(rest, '?'); i >= 0 {
		return fail(at+i, ErrQueryString, "a route cannot ask for a query; end the path with * to accept any")
	}
	if i := strings.IndexByte(rest, '#'); i >= 0 {
		return fail(at+i, ErrFragment, "a fragment is never sent to a server; remove it")
	}
	host, path := rest, "/"
	if i := strings.IndexAny(rest, `/\`); i >= 0 {
		host, path = rest[:i], rest[i:]
	}

	bare, suffix := strings.CutPrefix(host, "*")
	if i := strings.IndexByte(bare, '*'); i >= 0 {
		return fail(at+len(host)-len(bare)+i, ErrInfixWildcard, "* may only be the first character of the host and the last of the path")
	}
	if strings.ContainsRune(bare, '@') {
		return fail(at, ErrHost, "a route has no user name or password; write the host only")
	}
	if bare == "" && !suffix {
		return fail(at, ErrHost, "write a host, such as example.com/* or */* for all hosts")
	}
	if bare != "" {
		dotted := ""
		if suffix && bare[0] == '.' {
			dotted = "."
		}
		name, err := hostName(strings.TrimPrefix(bare, dotted))
		if err != nil {
			err.Text, err.At = text, err.At+at+len(host)-len(bare)+len(dotted)
			return Pattern{}, err
		}
		if suffix && strings.HasPrefix(name, "[") {
			return fail(at, ErrWildcard, "a wildcard cannot stand before an IPv6 address")
		}
		p.host = dotted + name
	}
	p.suffix = suffix

	if i := strings.IndexByte(path, '*'); i >= 0 && i < len(path)-1 {
		return fail(at+len(host)+i, ErrInfixWildcard, "* may only be the first character of the host and the last of the path")
	}
	path = cleanPath(path)
	p.path, p.prefix = strings.CutSuffix(path, "*")
	wild := p.host
	if suffix {
		wild = "*" + wild
	}
	p.score = score(wild, path)
	p.key = p.scheme.prefix() + wild + path
	return p, nil
}

// String returns the pattern as it was written.
func (p *Pattern) String() string { return p.text }

func (s scheme) prefix() string {
	switch s {
	case schemeHTTP:
		return "http://"
	case schemeHTTPS:
		return "https://"
	}
	return ""
}

// ParseDomain returns the normal form of a custom domain or default host: one whole host
// without scheme, port, path or wildcard. Every error is a *[PatternError].
func ParseDomain(text string) (string, error) {
	fail := func(at int, err error, fix string) (string, error) {
		return "", &PatternError{Text: text, At: at, Err: err, Fix: fix}
	}
	if i := strings.Index(text, "://"); i >= 0 {
		return fail(0, ErrScheme, "write the host only, without "+text[:i+3])
	}
	if i := strings.IndexByte(text, '*'); i >= 0 {
		return fail(i, ErrWildcard, "wildcard operators (*) are not allowed in custom domains")
	}
	if i := strings.IndexAny(text, `/\?#`); i >= 0 {
		return fail(i, ErrPath, "paths are not allowed in custom domains")
	}
	name, err := hostName(text)
	if err != nil {
		err.Text = text
		return "", err
	}
	return name, nil
}
