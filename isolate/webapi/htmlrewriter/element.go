package htmlrewriter

import "strings"

func (m *mutation) mutated() *mutation { return m }

// An Element is a start tag, and what is to become of its element.
type Element struct {
	mutation
	charset     *charset
	name        string // in lower case, or as it was set
	written     []byte // as the tag has it
	renamed     bool
	space       namespace
	attributes  []Attribute
	changed     bool // attributes were
	selfClosing bool
	content     bool // it can have content
	inner       bool // its content is removed
	ending      *ending
	version     int // counts changes of attributes
}

// An Attribute is an attribute of an Element. Character references in its value stand as
// they are.
type Attribute struct {
	Name, Value string // Name is in lower case
	raw         []byte // as the tag has it, nil if it was set
}

// Name is the element's name.
func (e *Element) Name() string { return e.name }

// SetName renames the element, and its end tag.
func (e *Element) SetName(name string) error {
	switch i := strings.IndexAny(name, " \n\r\t\f/>"); {
	case name == "":
		return parserError("Tag name can't be empty.")
	case !isLetter(name[0]):
		return parserError("The first character of the tag name should be an ASCII alphabetical character.")
	case i >= 0:
		return parserError("`%c` character is forbidden in the tag name", name[i])
	case !e.charset.representable(name):
		return parserError("The tag name contains a character that can't be represented in the document's character encoding.")
	}
	e.name, e.renamed = name, true
	if e.content {
		e.end().name = name
	}
	return nil
}

// NamespaceURI is the element's namespace.
func (e *Element) NamespaceURI() string { return e.space.uri() }

// Attributes are the attributes in order. They must not be changed.
func (e *Element) Attributes() []Attribute { return e.attributes }

// Attribute returns the value of the first attribute of a name, without regard to case.
func (e *Element) Attribute(name string) (string, bool) {
	for i := range e.attributes {
		if foldedEqual(e.attributes[i].Name, name) {
			return e.attributes[i].Value, true
		}
	}
	return "", false
}

// SetAttribute sets or adds an attribute.
func (e *Element) SetAttribute(name, value string) error {
	switch i := strings.IndexAny(name, " \n\r\t\f/>="); {
	case name == "":
		return parserError("Attribute name can't be empty.")
	case i >= 0:
		return parserError("`%c` character is forbidden in the attribute name", name[i])
	case !e.charset.representable(name):
		return parserError("The attribute name contains a character that can't be represented in the document's character encoding.")
	}
	e.changed = true
	e.version++
	for i := range e.attributes {
		if a := &e.attributes[i]; foldedEqual(a.Name, name) {
			a.Value, a.raw = value, nil
			return nil
		}
	}
	e.attributes = append(e.attributes, Attribute{Name: strings.ToLower(name), Value: value})
	return nil
}

// RemoveAttribute removes the attributes of a name.
func (e *Element) RemoveAttribute(name string) {
	kept := e.attributes[:0]
	for _, a := range e.attributes {
		if !foldedEqual(a.Name, name) {
			kept = append(kept, a)
		}
	}
	e.changed = e.changed || len(kept) < len(e.attributes)
	e.version++
	e.attributes = kept
}

func (e *Element) end() *ending {
	if e.ending == nil {
		e.ending = &ending{}
	}
	return e.ending
}

// After inserts content after the element, before what was inserted there before.
func (e *Element) After(c Content) {
	if e.content {
		e.end().after = first(e.end().after, c)
	} else {
		e.after = first(e.after, c)
	}
}

// Prepend inserts content at the start of the element's content. Like Append and
// SetInnerContent it does nothing for an element that cannot have content.
func (e *Element) Prepend(c Content) {
	if e.content {
		e.selfClosing, e.changed = false, e.changed || e.selfClosing
		e.after = first(e.after, c)
	} else {
		drop(c)
	}
}

// Append inserts content at the end of the element's content.
func (e *Element) Append(c Content) {
	if e.content {
		e.selfClosing, e.changed = false, e.changed || e.selfClosing
		e.end().before = append(e.end().before, c)
	} else {
		drop(c)
	}
}

// SetInnerContent replaces the element's content.
func (e *Element) SetInnerContent(c Content) {
	if e.content {
		e.selfClosing, e.changed = false, e.changed || e.selfClosing
		e.empty()
		e.after = []Content{c}
	} else {
		drop(c)
	}
}

// empty removes the element's content.
func (e *Element) empty() {
	drop(e.after...)
	e.after = nil
	if e.ending != nil {
		drop(e.ending.before...)
		e.ending.before = nil
	}
	e.inner = true
}

// Replace replaces the element and its content.
func (e *Element) Replace(c Content) {
	drop(e.replacement...)
	e.replace(c)
	e.removeAll()
}

// Remove removes the element and its content.
func (e *Element) Remove() {
	e.removed = true
	e.removeAll()
}

func (e *Element) removeAll() {
	if e.content {
		e.empty()
		e.end().removed = true
	}
}

// RemoveAndKeepContent removes the start tag and the end tag.
func (e *Element) RemoveAndKeepContent() {
	e.removed = true
	if e.content {
		e.end().removed = true
	}
}

// OnEndTag registers what the visitor is to call at the end tag, instead of what was
// registered before. It fails for an element that has no end tag.
func (e *Element) OnEndTag(callback any) error {
	if !e.content {
		return parserError("No end tag.")
	}
	e.end().callback = callback
	return nil
}

// drop gives up content that will not be used.
func drop(list ...Content) {
	for _, c := range list {
		if c.Stream != nil {
			c.Stream.Close()
		}
	}
}

// write appends the tag.
func (e *Element) write(dst []byte) []byte {
	dst = append(dst, '<')
	if e.renamed {
		dst = append(dst, e.name...)
	} else {
		dst = append(dst, e.written...)
	}
	for i := range e.attributes {
		a := &e.attributes[i]
		dst = append(dst, ' ')
		if a.raw != nil {
			dst = append(dst, a.raw...)
			continue
		}
		dst = append(dst, a.Name...)
		dst = append(dst, `="`...)
		dst = e.charset.encode(dst, strings.ReplaceAll(a.Value, `"`, "&quot;"), false)
		dst = append(dst, '"')
	}
	if e.selfClosing {
		if len(e.attributes) > 0 { // or the slash may become part of a value
			dst = append(dst, ' ')
		}
		dst = append(dst, '/')
	}
	return append(dst, '>')
}

// An EndTag is an end tag for which an element has registered callbacks.
type EndTag struct {
	mutation
	charset *charset
	name    string
	changed bool
	// Callbacks are what was registered with Element.OnEndTag.
	Callbacks []any
}

// Name is the tag's name.
func (e *EndTag) Name() string { return e.name }

// SetName renames the tag.
func (e *EndTag) SetName(name string) error {
	if err := (&Element{charset: e.charset}).SetName(name); err != nil {
		return err
	}
	e.name, e.changed = name, true
	return nil
}
