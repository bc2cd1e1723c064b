package url

// change runs the basic URL parser over input with r as url and a state
// override, after edit has prepared the parts. What was set before the parser
// failed stays set, as the standard has it.
func (r *Record) change(s state, input string, edit func(*draft)) {
	p := parser{draft: r.draft(), input: prepare(input), override: s}
	if edit != nil {
		edit(&p.draft)
	}
	p.run(s)
	p.commit(r, r.href)
}

// cannotHaveCredentials is https://url.spec.whatwg.org/#cannot-have-a-username-password-port.
func (r *Record) cannotHaveCredentials() bool {
	return r.hostStart == r.hostEnd || r.kind == schemeFile
}

// SetHref parses href without a base and replaces the whole record. On error,
// which is an [*Error], the record is unchanged.
// https://url.spec.whatwg.org/#dom-url-href
func (r *Record) SetHref(href string) error { return r.Parse(href, nil) }

// SetProtocol ignores a scheme that is not valid or that the URL cannot have.
// https://url.spec.whatwg.org/#dom-url-protocol
func (r *Record) SetProtocol(protocol string) {
	r.change(stateSchemeStart, protocol, nil)
}

// SetUsername is https://url.spec.whatwg.org/#dom-url-username.
func (r *Record) SetUsername(username string) {
	if r.cannotHaveCredentials() {
		return
	}
	d := r.draft()
	d.username = encode(username, userinfoSet)
	d.commit(r, r.href)
}

// SetPassword is https://url.spec.whatwg.org/#dom-url-password.
func (r *Record) SetPassword(password string) {
	if r.cannotHaveCredentials() {
		return
	}
	d := r.draft()
	d.password = encode(password, userinfoSet)
	d.commit(r, r.href)
}

// SetHost sets the host and, if host has one, the port.
// https://url.spec.whatwg.org/#dom-url-host
func (r *Record) SetHost(host string) {
	if !r.opaque {
		r.change(stateHost, host, nil)
	}
}

// SetHostname is https://url.spec.whatwg.org/#dom-url-hostname.
func (r *Record) SetHostname(hostname string) {
	if !r.opaque {
		r.change(stateHostname, hostname, nil)
	}
}

// SetPort removes the port if port is empty, and ignores what follows its
// leading digits.
// https://url.spec.whatwg.org/#dom-url-port
func (r *Record) SetPort(port string) {
	switch {
	case r.cannotHaveCredentials():
	case port == "":
		d := r.draft()
		d.port = noPort
		d.commit(r, r.href)
	default:
		r.change(statePort, port, nil)
	}
}

// SetPathname is https://url.spec.whatwg.org/#dom-url-pathname.
func (r *Record) SetPathname(pathname string) {
	if !r.opaque {
		r.change(statePathStart, pathname, func(d *draft) { d.path = "" })
	}
}

// SetSearch sets the query to search, with or without its question mark; the
// empty string makes the query null. The URL class empties or refills its
// searchParams after it.
// https://url.spec.whatwg.org/#dom-url-search
func (r *Record) SetSearch(search string) {
	if search == "" {
		r.SetQuery("", false)
		return
	}
	if search[0] == '?' {
		search = search[1:]
	}
	r.change(stateQuery, search, func(d *draft) { d.query, d.hasQuery = "", true })
}

// SetQuery replaces the query by one that is encoded already, such as a
// serialized [Params], or by null if set is false.
// https://url.spec.whatwg.org/#concept-urlsearchparams-update
func (r *Record) SetQuery(query string, set bool) {
	d := r.draft()
	d.query, d.hasQuery = query, set
	if !set {
		d.query = ""
	}
	d.commit(r, r.href)
}

// SetHash sets the fragment to hash, with or without its number sign; the empty
// string makes the fragment null.
// https://url.spec.whatwg.org/#dom-url-hash
func (r *Record) SetHash(hash string) {
	if hash == "" {
		d := r.draft()
		d.fragment, d.hasFragment = "", false
		d.commit(r, r.href)
		return
	}
	if hash[0] == '#' {
		hash = hash[1:]
	}
	r.change(stateFragment, hash, func(d *draft) { d.fragment, d.hasFragment = "", true })
}
