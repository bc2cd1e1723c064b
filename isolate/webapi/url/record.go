package url

// noPort is the null port.
const noPort int32 = -1

// Record is a URL record: https://url.spec.whatwg.org/#concept-url.
//
// The zero Record is not a URL: it comes from [Parse] or is filled by
// [Record.Parse]. Its methods return what the attributes of the URL class return,
// and its setters do what setting those attributes does. A Record may be
// copied; it may be read by many goroutines at once while none sets anything.
type Record struct {
	href string // the serialization; all offsets point into it

	schemeEnd     uint32 // of the colon after the scheme
	usernameEnd   uint32
	hostStart     uint32 // after the @, if there is one
	hostEnd       uint32 // before the port
	pathStart     uint32 // after the port, and after /. where the path begins with //
	queryStart    uint32 // of the question mark; fragmentStart if query is null
	fragmentStart uint32 // of the number sign; len(href) if fragment is null

	port    int32 // noPort, or 0 to 65535
	kind    scheme
	hasHost bool // false if host is null
	opaque  bool // the path is opaque
}

// Parse runs the basic URL parser over input. The base may be nil; it is only
// read, and not kept. The error is an [*Error].
// https://url.spec.whatwg.org/#concept-basic-url-parser
func Parse(input string, base *Record) (*Record, error) {
	r := new(Record)
	if f := r.parse(input, base); f != ok {
		return nil, &Error{Input: input, Failure: f}
	}
	return r, nil
}

// Parse is [Parse] into r, which may be the base too. On error r is unchanged.
func (r *Record) Parse(input string, base *Record) error {
	if f := r.parse(input, base); f != ok {
		return &Error{Input: input, Failure: f}
	}
	return nil
}

// CanParse reports whether Parse would succeed.
// https://url.spec.whatwg.org/#dom-url-canparse
func CanParse(input string, base *Record) bool {
	p := parser{input: prepare(trim(input)), base: base}
	p.port = noPort
	return p.run(stateSchemeStart) == ok
}

func (r *Record) parse(input string, base *Record) Failure {
	input = prepare(trim(input))
	p := parser{input: input, base: base}
	p.port = noPort
	if f := p.run(stateSchemeStart); f != ok {
		return f
	}
	return p.commit(r, input)
}

// Href is the serialized URL. https://url.spec.whatwg.org/#dom-url-href
func (r *Record) Href() string { return r.href }

// Protocol is the scheme followed by a colon. https://url.spec.whatwg.org/#dom-url-protocol
func (r *Record) Protocol() string { return r.href[:r.schemeEnd+1] }

// Username is https://url.spec.whatwg.org/#dom-url-username.
func (r *Record) Username() string {
	if r.usernameEnd <= r.schemeEnd+3 {
		return ""
	}
	return r.href[r.schemeEnd+3 : r.usernameEnd]
}

// Password is https://url.spec.whatwg.org/#dom-url-password.
func (r *Record) Password() string {
	if r.hostStart <= r.usernameEnd+1 {
		return ""
	}
	return r.href[r.usernameEnd+1 : r.hostStart-1]
}

// Host is the host, with the port if that is not the scheme's default port.
// https://url.spec.whatwg.org/#dom-url-host
func (r *Record) Host() string {
	if r.port == noPort {
		return r.Hostname()
	}
	return r.href[r.hostStart:r.pathStart]
}

// Hostname is the host without the port; an IPv6 address is in brackets.
// https://url.spec.whatwg.org/#dom-url-hostname
func (r *Record) Hostname() string { return r.href[r.hostStart:r.hostEnd] }

// Port is empty for the scheme's default port. https://url.spec.whatwg.org/#dom-url-port
func (r *Record) Port() string {
	if r.port == noPort {
		return ""
	}
	return r.href[r.hostEnd+1 : r.pathStart]
}

// Pathname is https://url.spec.whatwg.org/#dom-url-pathname.
func (r *Record) Pathname() string { return r.href[r.pathStart:r.queryStart] }

// Search is the query with its question mark, or empty if the query is null
// or empty. https://url.spec.whatwg.org/#dom-url-search
func (r *Record) Search() string {
	if r.fragmentStart-r.queryStart <= 1 {
		return ""
	}
	return r.href[r.queryStart:r.fragmentStart]
}

// Hash is the fragment with its number sign, or empty if the fragment is null
// or empty. https://url.spec.whatwg.org/#dom-url-hash
func (r *Record) Hash() string {
	if uint32(len(r.href))-r.fragmentStart <= 1 {
		return ""
	}
	return r.href[r.fragmentStart:]
}

// Query is the query without its question mark, and whether it is not null.
// https://url.spec.whatwg.org/#concept-url-query
func (r *Record) Query() (query string, set bool) {
	if r.fragmentStart == r.queryStart {
		return "", false
	}
	return r.href[r.queryStart+1 : r.fragmentStart], true
}

// Fragment is the fragment without its number sign, and whether it is not null.
// https://url.spec.whatwg.org/#concept-url-fragment
func (r *Record) Fragment() (fragment string, set bool) {
	if int(r.fragmentStart) == len(r.href) {
		return "", false
	}
	return r.href[r.fragmentStart+1:], true
}

// WithoutFragment is the serialization with exclude fragment set.
// https://url.spec.whatwg.org/#url-serializing
func (r *Record) WithoutFragment() string { return r.href[:r.fragmentStart] }

// Special reports whether the scheme is ftp, file, http, https, ws or wss.
// https://url.spec.whatwg.org/#is-special
func (r *Record) Special() bool { return r.kind.special() }

// HasOpaquePath reports whether the path is one opaque string, as that of
// data: and mailto: URLs. https://url.spec.whatwg.org/#url-opaque-path
func (r *Record) HasOpaquePath() bool { return r.opaque }

// HasCredentials reports whether username or password is not empty.
// https://url.spec.whatwg.org/#include-credentials
func (r *Record) HasCredentials() bool { return r.hostStart > r.usernameEnd }

// Origin is the serialized origin; "null" stands for an opaque origin.
// https://url.spec.whatwg.org/#dom-url-origin
func (r *Record) Origin() string {
	switch r.kind {
	case schemeFile:
		return "null"
	case schemeOther:
		if !r.opaque || r.Protocol() != "blob:" {
			return "null"
		}
		var inner Record
		if inner.parse(r.Pathname(), nil) != ok || inner.kind != schemeHTTP && inner.kind != schemeHTTPS {
			return "null"
		}
		return inner.Origin()
	}
	if r.HasCredentials() {
		return r.href[:r.schemeEnd+3] + r.href[r.hostStart:r.pathStart]
	}
	return r.href[:r.pathStart]
}
