package url

import (
	"strconv"
	"strings"
)

// The functions in this file canonicalize the literal text of one component.
// https://urlpattern.spec.whatwg.org/#canon-encoding-callbacks

// overridden runs the basic URL parser over value from state s, on a URL with
// this scheme that has nothing else.
func overridden(value string, s state, scheme string) (draft, error) {
	p := parser{input: prepare(value), override: s}
	p.scheme, p.kind, p.port = scheme, schemeOf(scheme), noPort
	if f := p.run(s); f != ok {
		return draft{}, &PatternError{Pattern: value, Reason: f.String()}
	}
	return p.draft, nil
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-protocol
func canonicalizeProtocol(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	r, err := Parse(value+"://dummy.invalid/", nil)
	if err != nil {
		return "", &PatternError{Pattern: value, Reason: failScheme.String()}
	}
	return r.href[:r.schemeEnd], nil
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-username
func canonicalizeCredential(value string) (string, error) {
	return encode(value, userinfoSet), nil
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-hostname
func canonicalizeHostname(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	d, err := overridden(value, stateHostname, "https")
	return d.host, err
}

// https://urlpattern.spec.whatwg.org/#canonicalize-an-ipv6-hostname
func canonicalizeIPv6Hostname(value string) (string, error) {
	for i := 0; i < len(value); i++ {
		if c := value[i]; hexValue(c) > 15 && c != '[' && c != ']' && c != ':' {
			return "", &PatternError{Pattern: value, Reason: failIPv6.String()}
		}
	}
	return lowerASCII(value), nil
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-port
func canonicalizePort(value, scheme string) (string, error) {
	if value == "" {
		return "", nil
	}
	d, err := overridden(value, statePort, scheme)
	if err != nil || d.port == noPort {
		return "", err
	}
	return strconv.Itoa(int(d.port)), nil
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-pathname
func canonicalizePathname(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	// What precedes the text is not known, so a text without a leading slash
	// must neither get one nor be taken for a dot segment.
	if strings.HasPrefix(value, "/") {
		d, err := overridden(value, statePathStart, "")
		return d.path, err
	}
	d, err := overridden("/-"+value, statePathStart, "")
	if err != nil || len(d.path) < 2 {
		return "", &PatternError{Pattern: value, Reason: "dot segments that leave the path"}
	}
	return d.path[2:], nil
}

// https://urlpattern.spec.whatwg.org/#canonicalize-an-opaque-pathname
func canonicalizeOpaquePathname(value string) (string, error) {
	d, err := overridden(value, stateOpaquePath, "")
	return d.path, err
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-search
func canonicalizeSearch(value string) (string, error) {
	d, err := overridden(value, stateQuery, "")
	return d.query, err
}

// https://urlpattern.spec.whatwg.org/#canonicalize-a-hash
func canonicalizeHash(value string) (string, error) {
	d, err := overridden(value, stateFragment, "")
	return d.fragment, err
}
