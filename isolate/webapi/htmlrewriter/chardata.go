package htmlrewriter

import "strings"

// A Text is a piece of a text node. The last piece of each is empty.
type Text struct {
	mutation
	text string
	last bool
}

// Text is the text as it stands in the document.
func (t *Text) Text() string { return t.text }

// LastInTextNode reports whether the text node ends here.
func (t *Text) LastInTextNode() bool { return t.last }

// A Comment is a comment.
type Comment struct {
	mutation
	charset *charset
	text    string
	changed bool
}

// Text is what is in the comment.
func (c *Comment) Text() string { return c.text }

// SetText changes what is in the comment.
func (c *Comment) SetText(text string) error {
	if strings.Contains(text, "-->") || strings.Contains(text, "--!>") || strings.HasPrefix(text, ">") || strings.HasPrefix(text, "->") {
		return parserError("Comment text shouldn't contain a comment-closing sequence.")
	}
	if !c.charset.representable(text) {
		return parserError("Comment text contains a character that can't be represented in the document's character encoding.")
	}
	c.text, c.changed = text, true
	return nil
}

// Before inserts content before the token, after what was inserted there before.
func (m *mutation) Before(c Content) { m.before = append(m.before, c) }

// After inserts content after the token, before what was inserted there before.
func (m *mutation) After(c Content) { m.after = first(m.after, c) }

// Replace puts content in the place of the token.
func (m *mutation) Replace(c Content) {
	drop(m.replacement...)
	m.replace(c)
}

// Remove removes the token.
func (m *mutation) Remove() { m.removed = true }

// Removed reports whether the token is removed or replaced.
func (m *mutation) Removed() bool { return m.removed }

// A DocumentEnd is the end of the document.
type DocumentEnd struct{ mutation }

// Append inserts content at the end.
func (d *DocumentEnd) Append(c Content) { d.before = append(d.before, c) }

// A Doctype is a document type declaration.
type Doctype struct {
	mutation
	// Name is in lower case. A part that is not there is nil.
	Name, PublicID, SystemID *string
}

// parseDoctype takes what is between <! and > apart:
// https://html.spec.whatwg.org/#doctype-state and the states after it.
func parseDoctype(c *charset, text []byte) *Doctype {
	rest := trimSpace(text[len("doctype"):])
	d := &Doctype{}
	n := 0
	for n < len(rest) && !isSpace(rest[n]) {
		n++
	}
	if n > 0 {
		name := strings.ToLower(c.decode(rest[:n]))
		d.Name = &name
	}
	rest = trimSpace(rest[n:])
	if len(rest) < 6 {
		return d
	}
	switch keyword := rest[:6]; {
	case foldedEqual(keyword, "public"):
		d.PublicID, rest = quoted(c, rest[6:])
		if d.PublicID != nil {
			d.SystemID, _ = quoted(c, rest)
		}
	case foldedEqual(keyword, "system"):
		d.SystemID, _ = quoted(c, rest[6:])
	}
	return d
}

// quoted takes a quoted string off the front of b; one without an end goes to the end.
func quoted(c *charset, b []byte) (*string, []byte) {
	b = trimSpace(b)
	if len(b) == 0 || b[0] != '"' && b[0] != '\'' {
		return nil, b
	}
	n := 1
	for n < len(b) && b[n] != b[0] {
		n++
	}
	s := c.decode(b[1:n])
	return &s, b[min(n+1, len(b)):]
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}
