package url

// constructorStringParser splits a pattern that is written like a URL into the
// patterns of its components.
// https://urlpattern.spec.whatwg.org/#constructor-string-parser
type constructorStringParser struct {
	input     string
	tokens    []token
	result    PatternInit
	compile   RegExpCompiler
	start     int // the first token of the component
	index     int
	increment int
	depth     int // of braces
	brackets  int // of an IPv6 address
	special   bool
	state     constructorState
}

type constructorState uint8

// States from protocol to hash, but for authority, have the same order as the
// components they read.
const (
	inInit constructorState = iota
	inProtocol
	inAuthority
	inUsername
	inPassword
	inHostname
	inPort
	inPathname
	inSearch
	inHash
	inDone
)

// parseConstructorString is https://urlpattern.spec.whatwg.org/#parse-a-constructor-string.
func parseConstructorString(input string, compile RegExpCompiler) (PatternInit, error) {
	tokens, err := tokenizePattern(input, true)
	if err != nil {
		return PatternInit{}, err
	}
	p := constructorStringParser{input: input, tokens: tokens, compile: compile}
	for p.index < len(p.tokens) {
		p.increment = 1
		switch t := p.tokens[p.index]; {
		case t.kind == tokenEnd && p.state == inInit:
			p.rewind(inInit)
			switch {
			case p.is("#"):
				p.change(inHash, 1)
			case p.isSearchPrefix():
				p.change(inSearch, 1)
			default:
				p.change(inPathname, 0)
			}
		case t.kind == tokenEnd && p.state == inAuthority:
			p.rewind(inHostname)
		case t.kind == tokenEnd:
			p.change(inDone, 0)
			p.increment = len(p.tokens)
		case t.kind == tokenOpen:
			p.depth++
		case p.depth > 0:
			if t.kind == tokenClose {
				p.depth--
			}
		default:
			if err := p.step(); err != nil {
				return PatternInit{}, err
			}
		}
		p.index += p.increment
	}
	if p.result.Has(ComponentHostname) && !p.result.Has(ComponentPort) {
		p.result.Set(ComponentPort, "")
	}
	return p.result, nil
}

// step looks at one token outside braces.
func (p *constructorStringParser) step() error {
	switch p.state {
	case inInit:
		if p.is(":") {
			p.rewind(inProtocol)
		}
	case inProtocol:
		if !p.is(":") {
			break
		}
		protocol, err := compileComponent(p.component(), canonicalizeProtocol, patternOptions{}, p.compile)
		if err != nil {
			return inComponent(err, ComponentProtocol)
		}
		p.special = protocol.matchesSpecialScheme()
		switch {
		case p.isAt(p.index+1, "/") && p.isAt(p.index+2, "/"):
			p.change(inAuthority, 3)
		case p.special:
			p.change(inAuthority, 1)
		default:
			p.change(inPathname, 1)
		}
	case inAuthority:
		if p.is("@") {
			p.rewind(inUsername)
		} else if p.is("/") || p.isSearchPrefix() || p.is("#") {
			p.rewind(inHostname)
		}
	case inUsername:
		if p.is(":") {
			p.change(inPassword, 1)
		} else if p.is("@") {
			p.change(inHostname, 1)
		}
	case inPassword:
		if p.is("@") {
			p.change(inHostname, 1)
		}
	case inHostname:
		switch {
		case p.is("["):
			p.brackets++
		case p.is("]"):
			p.brackets--
		case p.is(":") && p.brackets == 0:
			p.change(inPort, 1)
		default:
			p.afterHost()
		}
	case inPort:
		p.afterHost()
	case inPathname:
		if p.isSearchPrefix() {
			p.change(inSearch, 1)
		} else if p.is("#") {
			p.change(inHash, 1)
		}
	case inSearch:
		if p.is("#") {
			p.change(inHash, 1)
		}
	}
	return nil
}

// afterHost leaves the host name or port if something else starts.
func (p *constructorStringParser) afterHost() {
	switch {
	case p.is("/"):
		p.change(inPathname, 0)
	case p.isSearchPrefix():
		p.change(inSearch, 1)
	case p.is("#"):
		p.change(inHash, 1)
	}
}

// change is https://urlpattern.spec.whatwg.org/#change-state.
func (p *constructorStringParser) change(to constructorState, skip int) {
	switch p.state {
	case inInit, inAuthority, inDone:
	case inProtocol:
		p.result.Set(ComponentProtocol, p.component())
	default:
		p.result.Set(Component(p.state-2), p.component())
	}
	if p.state != inInit && to != inDone {
		// What is left out before a component that is given is empty, not a wildcard.
		if p.state < inHostname && to >= inPort && !p.result.Has(ComponentHostname) {
			p.result.Set(ComponentHostname, "")
		}
		if p.state < inPathname && to >= inSearch && !p.result.Has(ComponentPathname) {
			path := ""
			if p.special {
				path = "/"
			}
			p.result.Set(ComponentPathname, path)
		}
		if p.state < inSearch && to == inHash && !p.result.Has(ComponentSearch) {
			p.result.Set(ComponentSearch, "")
		}
	}
	p.state = to
	p.index += skip
	p.start = p.index
	p.increment = 0
}

// rewind reads the tokens of the component again, in another state.
func (p *constructorStringParser) rewind(to constructorState) {
	p.index = p.start
	p.increment = 0
	p.state = to
}

// component is the input from the start of the component to the current token.
func (p *constructorStringParser) component() string {
	return p.input[p.safe(p.start).index:p.tokens[p.index].index]
}

func (p *constructorStringParser) safe(index int) token {
	return p.tokens[min(index, len(p.tokens)-1)]
}

// isAt is https://urlpattern.spec.whatwg.org/#is-a-non-special-pattern-char.
func (p *constructorStringParser) isAt(index int, value string) bool {
	t := p.safe(index)
	return t.value == value && (t.kind == tokenChar || t.kind == tokenEscapedChar || t.kind == tokenInvalidChar)
}

func (p *constructorStringParser) is(value string) bool { return p.isAt(p.index, value) }

// isSearchPrefix tells a question mark that starts the search from one that
// makes a group optional. https://urlpattern.spec.whatwg.org/#is-a-search-prefix
func (p *constructorStringParser) isSearchPrefix() bool {
	if p.is("?") {
		return true
	}
	if p.tokens[p.index].value != "?" {
		return false
	}
	if p.index == 0 {
		return true
	}
	switch p.tokens[p.index-1].kind {
	case tokenName, tokenRegExp, tokenClose, tokenAsterisk:
		return false
	}
	return true
}
