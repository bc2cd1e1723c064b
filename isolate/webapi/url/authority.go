package url

// authority reads the credentials, which end at the last at sign.
// https://url.spec.whatwg.org/#authority-state
func (p *parser) authority() (state, Failure) {
	end, at := p.pos, -1
	for ; end < len(p.input); end++ {
		c := p.input[end]
		if c == '@' {
			at = end
		} else if c == '/' || c == '?' || c == '#' || c == '\\' && p.kind.special() {
			break
		}
	}
	if at < 0 {
		return stateHost, ok
	}
	credentials := p.input[p.pos:at]
	p.pos = at + 1
	if p.pos == end {
		return stateDone, failHostMissing
	}
	for i := 0; i < len(credentials); i++ {
		if credentials[i] == ':' {
			p.password = encode(credentials[i+1:], userinfoSet)
			credentials = credentials[:i]
			break
		}
	}
	p.username = encode(credentials, userinfoSet)
	return stateHost, ok
}

// hostState is the host state and the hostname state.
// https://url.spec.whatwg.org/#host-state
func (p *parser) hostState() (state, Failure) {
	if p.override != stateNone && p.kind == schemeFile {
		return stateFileHost, ok
	}
	end, colon, inside := p.pos, false, false
scan:
	for ; end < len(p.input); end++ {
		// All delimiters are forbidden in a host, and few other bytes are.
		c := p.input[end]
		if hostTable[c]&forbiddenHost == 0 {
			continue
		}
		switch c {
		case '[':
			inside = true
		case ']':
			inside = false
		case ':':
			if colon = !inside; colon {
				break scan
			}
		case '/', '?', '#':
			break scan
		case '\\':
			if p.kind.special() {
				break scan
			}
		}
	}
	buffer := p.input[p.pos:end]
	switch {
	case buffer == "" && (colon || p.kind.special()):
		return stateDone, failHostMissing
	case colon && p.override == stateHostname:
		return stateDone, failHostname
	case buffer == "" && p.override != stateNone && (p.username != "" || p.password != "" || p.port != noPort):
		return stateDone, failHostMissing
	}
	host, f := parseHost(buffer, p.kind.special())
	if f != ok {
		return stateDone, f
	}
	p.host, p.hasHost = host, true
	p.pos = end
	switch {
	case colon:
		p.pos++
		return statePort, ok
	case p.override != stateNone:
		return stateDone, ok
	}
	return statePathStart, ok
}

// https://url.spec.whatwg.org/#port-state
func (p *parser) portState() (state, Failure) {
	start, port := p.pos, int32(0)
	for isDigit(p.peek()) {
		// A number that is too great stays so, however many digits follow.
		if port = port*10 + int32(p.peek()-'0'); port > 65535 {
			port = 65536
		}
		p.pos++
	}
	c := p.peek()
	if c != eof && c != '?' && c != '#' && !p.atSlash(c) && p.override == stateNone {
		return stateDone, failPort
	}
	if p.pos > start {
		if port > 65535 {
			return stateDone, failPortRange
		}
		p.port = port
		if port == p.kind.defaultPort() {
			p.port = noPort
		}
		if p.override != stateNone {
			return stateDone, ok
		}
	}
	if p.override != stateNone {
		return stateDone, failPort
	}
	return statePathStart, ok
}

// https://url.spec.whatwg.org/#file-host-state
func (p *parser) fileHost() (state, Failure) {
	end := p.pos
	for end < len(p.input) {
		if c := p.input[end]; c == '/' || c == '\\' || c == '?' || c == '#' {
			break
		}
		end++
	}
	buffer := p.input[p.pos:end]
	if p.override == stateNone && isDriveLetter(buffer) {
		// It is a path after all: the path state reads it again.
		return statePath, ok
	}
	host := ""
	if buffer != "" {
		var f Failure
		if host, f = parseHost(buffer, p.kind.special()); f != ok {
			return stateDone, f
		}
		if host == "localhost" {
			host = ""
		}
	}
	p.host, p.hasHost = host, true
	p.pos = end
	if p.override != stateNone {
		return stateDone, ok
	}
	return statePathStart, ok
}
