package htmlrewriter

import "bytes"

// tagState is where a tokenizer is in a tag: https://html.spec.whatwg.org/#tag-name-state
// and the states after it.
type tagState uint8

const (
	inTagName tagState = iota
	beforeAttribute
	inAttributeName
	afterAttributeName
	beforeValue
	inDoubleQuoted
	inSingleQuoted
	inUnquoted
	afterQuoted
	afterSlash
)

// tagToken reads a tag whose name begins at from, or goes on with one.
func (t *tokenizer) tagToken(rest []byte, from int) bool {
	if t.scan == 0 {
		t.scan, t.tag = from, inTagName
		t.token.attributes, t.token.selfClosing, t.token.name = t.token.attributes[:0], false, nil
	}
	end, ok := t.tagEnd(rest)
	switch {
	case t.err != nil:
		return false
	case !ok && t.ended: // a tag without an end is none
		return t.emit(opaqueToken, len(rest))
	case !ok:
		return t.more()
	}
	for n := from; ; n++ {
		if c := rest[n]; isSpace(c) || c == '/' || c == '>' {
			t.token.name = rest[from:n]
			break
		}
	}
	kind := startTagToken
	if from == 2 {
		kind = endTagToken
	}
	return t.emit(kind, end)
}

// tagEnd finds the end of the tag and its attributes on the way.
func (t *tokenizer) tagEnd(rest []byte) (end int, ok bool) {
	state := t.tag
	attributes := t.token.attributes
	last := func() *attribute { return &attributes[len(attributes)-1] }
	i := t.scan
	for ; i < len(rest); i++ {
		c := rest[i]
		switch state {
		case inTagName:
			switch {
			case isSpace(c):
				state = beforeAttribute
			case c == '/':
				state = afterSlash
			case c == '>':
				return i + 1, true
			}
		case inAttributeName:
			if c != '=' && c != '/' && c != '>' && !isSpace(c) {
				continue
			}
			at := last()
			at.name.end, at.raw.end, at.value = i, i, span{i, i}
			switch {
			case c == '=':
				state = beforeValue
			case c == '/':
				state = afterSlash
			case c == '>':
				t.token.attributes = attributes
				return i + 1, true
			default:
				state = afterAttributeName
			}
		case beforeValue:
			switch {
			case isSpace(c):
			case c == '"':
				state = inDoubleQuoted
				last().value = span{i + 1, i + 1}
			case c == '\'':
				state = inSingleQuoted
				last().value = span{i + 1, i + 1}
			case c == '>':
				last().raw.end = i
				t.token.attributes = attributes
				return i + 1, true
			default:
				state = inUnquoted
				last().value = span{i, i}
			}
		case inDoubleQuoted, inSingleQuoted:
			quote := byte('"')
			if state == inSingleQuoted {
				quote = '\''
			}
			j := bytes.IndexByte(rest[i:], quote)
			if j < 0 {
				i = len(rest) - 1
				continue
			}
			i += j
			at := last()
			at.value.end, at.raw.end = i, i+1
			state = afterQuoted
		case inUnquoted:
			if !isSpace(c) && c != '>' {
				continue
			}
			at := last()
			at.value.end, at.raw.end = i, i
			if c == '>' {
				t.token.attributes = attributes
				return i + 1, true
			}
			state = beforeAttribute
		default: // between attributes
			switch {
			case c == '>':
				t.token.selfClosing = state == afterSlash
				t.token.attributes = attributes
				return i + 1, true
			case isSpace(c):
				if state != afterAttributeName {
					state = beforeAttribute
				}
			case c == '/':
				state = afterSlash
			case c == '=' && state == afterAttributeName:
				state = beforeValue
			default:
				if len(attributes) == maxAttributes {
					t.err = parserError("a tag has more than the limit of %d attributes", maxAttributes)
					return 0, false
				}
				attributes = append(attributes, attribute{name: span{i, i}, raw: span{i, i}})
				state = inAttributeName
			}
		}
	}
	t.scan, t.tag, t.token.attributes = i, state, attributes
	return 0, false
}
