package url

import "strconv"

// partKind is https://urlpattern.spec.whatwg.org/#part-type.
type partKind uint8

const (
	partFixedText partKind = iota
	partRegExp
	partSegmentWildcard
	partFullWildcard
)

// part is one piece of a parsed pattern string: a literal text, or a group with
// a prefix and a suffix. https://urlpattern.spec.whatwg.org/#part
type part struct {
	kind           partKind
	modifier       byte   // '?', '*', '+', or 0 for none
	value          string // of a text or a regular expression
	name           string // of a group; numbers for those without a name
	prefix, suffix string
}

// patternOptions say how the segments of a component are separated.
// https://urlpattern.spec.whatwg.org/#options
type patternOptions struct {
	delimiter  string // a segment wildcard matches anything but this
	prefix     string // belongs to the group that follows it
	ignoreCase bool
}

const fullWildcard = ".*"

// segmentWildcard is https://urlpattern.spec.whatwg.org/#generate-a-segment-wildcard-regexp.
func (o *patternOptions) segmentWildcard() string {
	return "[^" + escapeRegExp(o.delimiter) + "]+?"
}

// patternParser turns tokens into parts.
// https://urlpattern.spec.whatwg.org/#pattern-parser
type patternParser struct {
	pattern  string
	options  *patternOptions
	encode   func(string) (string, error) // canonicalizes literal text
	tokens   []token
	index    int
	parts    []part
	pending  []byte // literal text that is not a part yet
	nextName int
	names    map[string]bool // of the groups so far
}

// parsePattern parses the pattern string of one component.
// https://urlpattern.spec.whatwg.org/#parse-a-pattern-string
func parsePattern(pattern string, options *patternOptions, encode func(string) (string, error)) ([]part, error) {
	tokens, err := tokenizePattern(pattern, false)
	if err != nil {
		return nil, err
	}
	p := patternParser{pattern: pattern, options: options, encode: encode, tokens: tokens}
	for p.index < len(p.tokens) {
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	return p.parts, nil
}

// next parses what starts at the next token.
func (p *patternParser) next() error {
	char := p.consume(tokenChar)
	name := p.consume(tokenName)
	group := p.consumeGroup(name)
	if name != nil || group != nil {
		prefix := ""
		if char != nil {
			prefix = char.value
		}
		if prefix != "" && prefix != p.options.prefix {
			p.pending = append(p.pending, prefix...)
			prefix = ""
		}
		if err := p.flush(); err != nil {
			return err
		}
		return p.add(prefix, name, group, "", p.consumeModifier())
	}
	if char == nil {
		char = p.consume(tokenEscapedChar)
	}
	if char != nil {
		p.pending = append(p.pending, char.value...)
		return nil
	}
	if p.consume(tokenOpen) != nil {
		prefix := p.consumeText()
		name := p.consume(tokenName)
		group := p.consumeGroup(name)
		suffix := p.consumeText()
		if p.consume(tokenClose) == nil {
			return p.fail("brace without a closing brace")
		}
		return p.add(prefix, name, group, suffix, p.consumeModifier())
	}
	if err := p.flush(); err != nil {
		return err
	}
	if p.consume(tokenEnd) == nil {
		return p.fail("unexpected " + strconv.Quote(p.pattern[p.tokens[p.index].index:]))
	}
	return nil
}

func (p *patternParser) fail(reason string) error {
	return &PatternError{Pattern: p.pattern, Reason: reason}
}

// consume takes the next token if it is of this kind.
func (p *patternParser) consume(kind tokenKind) *token {
	if p.index == len(p.tokens) || p.tokens[p.index].kind != kind {
		return nil
	}
	p.index++
	return &p.tokens[p.index-1]
}

// https://urlpattern.spec.whatwg.org/#try-to-consume-a-regexp-or-wildcard-token
func (p *patternParser) consumeGroup(name *token) *token {
	t := p.consume(tokenRegExp)
	if t == nil && name == nil {
		t = p.consume(tokenAsterisk)
	}
	return t
}

// https://urlpattern.spec.whatwg.org/#try-to-consume-a-modifier-token
func (p *patternParser) consumeModifier() byte {
	t := p.consume(tokenOtherModifier)
	if t == nil {
		t = p.consume(tokenAsterisk)
	}
	if t == nil {
		return 0
	}
	return t.value[0]
}

// https://urlpattern.spec.whatwg.org/#consume-text
func (p *patternParser) consumeText() string {
	var text []byte
	for {
		t := p.consume(tokenChar)
		if t == nil {
			t = p.consume(tokenEscapedChar)
		}
		if t == nil {
			return string(text)
		}
		text = append(text, t.value...)
	}
}

// flush is https://urlpattern.spec.whatwg.org/#maybe-add-a-part-from-the-pending-fixed-value.
func (p *patternParser) flush() error {
	if len(p.pending) == 0 {
		return nil
	}
	text, err := p.encode(string(p.pending))
	p.pending = p.pending[:0]
	if err == nil {
		p.parts = append(p.parts, part{kind: partFixedText, value: text})
	}
	return err
}

// add is https://urlpattern.spec.whatwg.org/#add-a-part.
func (p *patternParser) add(prefix string, name, group *token, suffix string, modifier byte) (err error) {
	if name == nil && group == nil && modifier == 0 {
		p.pending = append(p.pending, prefix...)
		return nil
	}
	if err := p.flush(); err != nil {
		return err
	}
	if name == nil && group == nil {
		if prefix == "" {
			return nil
		}
		text, err := p.encode(prefix)
		p.parts = append(p.parts, part{kind: partFixedText, modifier: modifier, value: text})
		return err
	}
	added := part{modifier: modifier}
	switch {
	case group == nil || group.kind == tokenRegExp && group.value == p.options.segmentWildcard():
		added.kind = partSegmentWildcard
	case group.kind == tokenAsterisk || group.value == fullWildcard:
		added.kind = partFullWildcard
	default:
		added.kind, added.value = partRegExp, group.value
	}
	if name != nil {
		added.name = name.value
	} else {
		added.name = strconv.Itoa(p.nextName)
		p.nextName++
	}
	if p.names[added.name] {
		return p.fail("two groups named " + added.name)
	}
	if p.names == nil {
		p.names = make(map[string]bool)
	}
	p.names[added.name] = true
	if added.prefix, err = p.encode(prefix); err != nil {
		return err
	}
	if added.suffix, err = p.encode(suffix); err != nil {
		return err
	}
	p.parts = append(p.parts, added)
	return nil
}
