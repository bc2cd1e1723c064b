package htmlrewriter

import "bytes"

// raw makes what follows a start tag text up to the end tag of the element.
func (t *tokenizer) raw(name string) {
	t.rawName, t.state, t.script = name, inRawText, scriptData
	switch name {
	case "script":
		t.state = inScript
	case "plaintext":
		t.state = inPlaintext
	}
}

// rawText is https://html.spec.whatwg.org/#rcdata-state and #rawtext-state
func (t *tokenizer) rawText(rest []byte) bool {
	for i := 0; ; i++ {
		j := bytes.IndexByte(rest[i:], '<')
		if j < 0 {
			return t.someText(rest)
		}
		i += j
		switch t.follows(rest[i:], "</", t.rawName) {
		case yes:
			return t.rawEnd(rest, i)
		case perhaps:
			return t.before(i)
		}
	}
}

// rawEnd hands on the text before an end tag at i, or the end tag.
func (t *tokenizer) rawEnd(rest []byte, i int) bool {
	if i > 0 {
		return t.emit(textToken, i)
	}
	t.state = inData
	return t.tagToken(rest, 2)
}

type answer uint8

const (
	no answer = iota
	perhaps
	yes
)

// follows reports whether b begins with opening, name and what may follow the name of a tag.
func (t *tokenizer) follows(b []byte, opening, name string) answer {
	n := len(opening) + len(name)
	for i := 0; i < min(n, len(b)); i++ {
		c := byte(0)
		if i < len(opening) {
			c = opening[i]
		} else {
			c = name[i-len(opening)]
		}
		if lower(b[i]) != c {
			return no
		}
	}
	switch {
	case len(b) <= n && t.ended:
		return no
	case len(b) <= n:
		return perhaps
	case isSpace(b[n]) || b[n] == '/' || b[n] == '>':
		return yes
	}
	return no
}

// scriptText is https://html.spec.whatwg.org/#script-data-state and what follows there.
func (t *tokenizer) scriptText(rest []byte) bool {
	for i := 0; i < len(rest); i++ {
		if t.script == scriptData {
			j := bytes.IndexByte(rest[i:], '<')
			if j < 0 {
				break
			}
			i += j
		}
		switch rest[i] {
		case '-':
			if t.script == scriptData {
				continue
			}
			if end := rest[i:min(i+3, len(rest))]; string(end) == "-->" {
				t.script = scriptData
			} else if len(end) < 3 && string(end) == "-->"[:len(end)] && !t.ended {
				return t.before(i)
			}
		case '<':
			switch t.follows(rest[i:], "</", "script") {
			case perhaps:
				return t.before(i)
			case yes:
				if t.script != scriptDoubleEscaped {
					return t.rawEnd(rest, i)
				}
				t.script = scriptEscaped
				continue
			}
			switch t.script {
			case scriptData:
				opening := rest[i:min(i+4, len(rest))]
				if string(opening) == commentOpening {
					t.script = scriptEscaped
					i++ // the dashes may be those of -->
				} else if string(opening) == commentOpening[:len(opening)] && !t.ended {
					return t.before(i)
				}
			case scriptEscaped:
				switch t.follows(rest[i:], "<", "script") {
				case perhaps:
					return t.before(i)
				case yes:
					t.script = scriptDoubleEscaped
				}
			}
		}
	}
	if t.wantText && bytes.ContainsAny(rest[t.boundary(rest):], "<-") {
		return t.emit(textToken, len(rest)) // what was looked at must not be seen again
	}
	return t.someText(rest)
}
