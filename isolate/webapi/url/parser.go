package url

import "strings"

// state is a state of the basic URL parser. Each is a method of parser that
// reads as much as it can and names the state that follows. The zero state is
// no state; as an override it means that a whole URL is parsed.
type state uint8

const (
	stateNone state = iota
	stateSchemeStart
	stateNoScheme
	stateSpecialRelativeOrAuthority
	statePathOrAuthority
	stateRelative
	stateRelativeSlash
	stateSpecialAuthoritySlashes
	stateSpecialAuthorityIgnoreSlashes
	stateAuthority
	stateHost
	stateHostname
	statePort
	stateFile
	stateFileSlash
	stateFileHost
	statePathStart
	statePath
	stateOpaquePath
	stateQuery
	stateFragment
	stateDone
)

// eof is what peek returns at the end of the input.
const eof = -1

// parser is the basic URL parser. Where the standard goes over the input code
// point by code point and collects a buffer, the methods here look for the end
// of the component and slice: every delimiter is ASCII.
// https://url.spec.whatwg.org/#concept-basic-url-parser
type parser struct {
	draft
	input    string
	pos      int
	base     *Record
	override state // not stateNone when a setter changes one component
}

// trim removes leading and trailing C0 control or space.
func trim(input string) string {
	for len(input) > 0 && input[0] <= ' ' {
		input = input[1:]
	}
	for len(input) > 0 && input[len(input)-1] <= ' ' {
		input = input[:len(input)-1]
	}
	return input
}

// prepare removes ASCII tab and newline.
func prepare(input string) string {
	if strings.IndexByte(input, '\t') < 0 && strings.IndexByte(input, '\n') < 0 && strings.IndexByte(input, '\r') < 0 {
		return input
	}
	b := make([]byte, 0, len(input))
	for i := 0; i < len(input); i++ {
		if c := input[i]; c != '\t' && c != '\n' && c != '\r' {
			b = append(b, c)
		}
	}
	return string(b)
}

// run goes from state to state until the input is used up.
func (p *parser) run(s state) Failure {
	f := ok
	for s != stateDone && f == ok {
		switch s {
		case stateSchemeStart:
			s, f = p.schemeStart()
		case stateNoScheme:
			s, f = p.noScheme()
		case stateSpecialRelativeOrAuthority:
			s = p.specialRelativeOrAuthority()
		case statePathOrAuthority:
			s = p.pathOrAuthority()
		case stateRelative:
			s = p.relative()
		case stateRelativeSlash:
			s = p.relativeSlash()
		case stateSpecialAuthoritySlashes:
			s = p.specialAuthoritySlashes()
		case stateSpecialAuthorityIgnoreSlashes:
			s = p.specialAuthorityIgnoreSlashes()
		case stateAuthority:
			s, f = p.authority()
		case stateHost, stateHostname:
			s, f = p.hostState()
		case statePort:
			s, f = p.portState()
		case stateFile:
			s = p.file()
		case stateFileSlash:
			s = p.fileSlash()
		case stateFileHost:
			s, f = p.fileHost()
		case statePathStart:
			s = p.pathStart()
		case statePath:
			s = p.pathState()
		case stateOpaquePath:
			s = p.opaquePath()
		case stateQuery:
			s = p.queryState()
		case stateFragment:
			s = p.fragmentState()
		}
	}
	return f
}

func (p *parser) peek() int {
	if p.pos < len(p.input) {
		return int(p.input[p.pos])
	}
	return eof
}

// atSlash reports whether c is a slash, or a backslash in a special URL.
func (p *parser) atSlash(c int) bool {
	return c == '/' || c == '\\' && p.kind.special()
}

// schemeStart is the scheme start state and the scheme state. Under an override
// the end of the input stands for the colon that the protocol setter adds.
// https://url.spec.whatwg.org/#scheme-start-state
func (p *parser) schemeStart() (state, Failure) {
	end := p.pos
	if isAlpha(p.peek()) {
		for end++; end < len(p.input) && schemeByte(p.input[end]); end++ {
		}
	}
	atColon := end < len(p.input) && p.input[end] == ':' || end == len(p.input) && p.override != stateNone
	if end == p.pos || !atColon {
		if p.override != stateNone {
			return stateDone, failScheme
		}
		return stateNoScheme, ok
	}
	name := lowerASCII(p.input[p.pos:end])
	kind := schemeOf(name)
	if p.override != stateNone {
		switch {
		case p.kind.special() != kind.special(),
			kind == schemeFile && (p.username != "" || p.password != "" || p.port != noPort),
			p.kind == schemeFile && p.host == "":
			return stateDone, ok
		}
		p.scheme, p.kind = name, kind
		if p.port == kind.defaultPort() {
			p.port = noPort
		}
		return stateDone, ok
	}
	p.scheme, p.kind = name, kind
	p.pos = end + 1
	switch {
	case kind == schemeFile:
		return stateFile, ok
	case kind.special() && p.base != nil && p.base.kind == kind:
		return stateSpecialRelativeOrAuthority, ok
	case kind.special():
		return stateSpecialAuthoritySlashes, ok
	case p.peek() == '/':
		p.pos++
		return statePathOrAuthority, ok
	}
	p.opaque = true
	return stateOpaquePath, ok
}

func schemeByte(c byte) bool {
	return isAlpha(int(c)) || isDigit(int(c)) || c == '+' || c == '-' || c == '.'
}

// https://url.spec.whatwg.org/#no-scheme-state
func (p *parser) noScheme() (state, Failure) {
	switch {
	case p.base == nil:
		return stateDone, failNoScheme
	case p.base.opaque && p.peek() != '#':
		return stateDone, failOpaqueBase
	case p.base.opaque:
		p.draft = p.base.draft()
		return p.startFragment(), ok
	case p.base.kind == schemeFile:
		p.scheme, p.kind = "file", schemeFile
		return stateFile, ok
	}
	return stateRelative, ok
}

// https://url.spec.whatwg.org/#special-relative-or-authority-state
func (p *parser) specialRelativeOrAuthority() state {
	if strings.HasPrefix(p.input[p.pos:], "//") {
		p.pos += 2
		return stateSpecialAuthorityIgnoreSlashes
	}
	return stateRelative
}

// https://url.spec.whatwg.org/#path-or-authority-state
func (p *parser) pathOrAuthority() state {
	if p.peek() == '/' {
		p.pos++
		return stateAuthority
	}
	return statePath
}

// https://url.spec.whatwg.org/#relative-state
func (p *parser) relative() state {
	p.scheme, p.kind = p.base.href[:p.base.schemeEnd], p.base.kind
	c := p.peek()
	if p.atSlash(c) {
		p.pos++
		return stateRelativeSlash
	}
	p.draft = p.base.draft()
	p.fragment, p.hasFragment = "", false
	switch c {
	case '?':
		return p.startQuery()
	case '#':
		return p.startFragment()
	case eof:
		return stateDone
	}
	p.query, p.hasQuery = "", false
	p.shorten()
	return statePath
}

// https://url.spec.whatwg.org/#relative-slash-state
func (p *parser) relativeSlash() state {
	c := p.peek()
	switch {
	case p.kind.special() && (c == '/' || c == '\\'):
		p.pos++
		return stateSpecialAuthorityIgnoreSlashes
	case c == '/':
		p.pos++
		return stateAuthority
	}
	base := p.base
	p.username, p.password, p.host, p.hasHost, p.port = base.Username(), base.Password(), base.Hostname(), base.hasHost, base.port
	return statePath
}

// https://url.spec.whatwg.org/#special-authority-slashes-state
func (p *parser) specialAuthoritySlashes() state {
	if strings.HasPrefix(p.input[p.pos:], "//") {
		p.pos += 2
	}
	return stateSpecialAuthorityIgnoreSlashes
}

// https://url.spec.whatwg.org/#special-authority-ignore-slashes-state
func (p *parser) specialAuthorityIgnoreSlashes() state {
	for c := p.peek(); c == '/' || c == '\\'; c = p.peek() {
		p.pos++
	}
	return stateAuthority
}

// https://url.spec.whatwg.org/#file-state
func (p *parser) file() state {
	p.scheme, p.kind, p.host, p.hasHost = "file", schemeFile, "", true
	c := p.peek()
	if c == '/' || c == '\\' {
		p.pos++
		return stateFileSlash
	}
	if p.base == nil || p.base.kind != schemeFile {
		return statePath
	}
	p.draft = p.base.draft()
	p.fragment, p.hasFragment = "", false
	switch c {
	case '?':
		return p.startQuery()
	case '#':
		return p.startFragment()
	case eof:
		return stateDone
	}
	p.query, p.hasQuery = "", false
	if startsWithDriveLetter(p.input[p.pos:]) {
		p.path = ""
	} else {
		p.shorten()
	}
	return statePath
}

// https://url.spec.whatwg.org/#file-slash-state
func (p *parser) fileSlash() state {
	if c := p.peek(); c == '/' || c == '\\' {
		p.pos++
		return stateFileHost
	}
	if base := p.base; base != nil && base.kind == schemeFile {
		p.host, p.hasHost = base.Hostname(), base.hasHost
		if path := base.Pathname(); !startsWithDriveLetter(p.input[p.pos:]) && hasNormalizedDriveLetter(path) {
			p.path = path[:3]
		}
	}
	return statePath
}

// startQuery enters the query state past the question mark at pos.
func (p *parser) startQuery() state {
	p.pos++
	p.query, p.hasQuery = "", true
	return stateQuery
}

// startFragment enters the fragment state past the number sign at pos.
func (p *parser) startFragment() state {
	p.pos++
	p.fragment, p.hasFragment = "", true
	return stateFragment
}

// https://url.spec.whatwg.org/#query-state
func (p *parser) queryState() state {
	rest := p.input[p.pos:]
	end := len(rest)
	if p.override == stateNone {
		if i := strings.IndexByte(rest, '#'); i >= 0 {
			end = i
		}
	}
	set := querySet
	if p.kind.special() {
		set = specialQuerySet
	}
	p.query = encode(rest[:end], set)
	p.pos += end
	if end < len(rest) {
		return p.startFragment()
	}
	return stateDone
}

// https://url.spec.whatwg.org/#fragment-state
func (p *parser) fragmentState() state {
	p.fragment = encode(p.input[p.pos:], fragmentSet)
	return stateDone
}
