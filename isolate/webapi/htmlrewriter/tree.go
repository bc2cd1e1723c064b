package htmlrewriter

// subjectElement is the start tag that selectors are matched against.
type subjectElement struct {
	token   *token
	name    *tagName
	all     int
	ofType  int
	charset *charset
}

func (s *subjectElement) localName() string { return s.name.name }

func (s *subjectElement) attribute(name string) ([]byte, bool) {
	raw := s.token.raw
	for i := range s.token.attributes {
		if a := &s.token.attributes[i]; foldedEqual(a.name.of(raw), name) {
			value := a.value.of(raw)
			if !s.charset.utf8 {
				value = []byte(s.charset.decode(value))
			}
			return value, true
		}
	}
	return nil, false
}

func (s *subjectElement) position(ofType bool) int {
	if ofType {
		return s.ofType
	}
	return s.all
}

// top is the current node, nil outside the root element.
func (r *Rewriter) top() *frame {
	if len(r.frames) == 0 {
		return nil
	}
	return &r.frames[len(r.frames)-1]
}

// pop closes the current node and returns what is to be done at its end, or nil.
func (r *Rewriter) pop() *ending {
	f := r.top()
	f.name.open--
	if f.removes {
		r.removed--
	}
	for _, rule := range f.matched {
		r.hold(rule, -1)
	}
	e := f.ending
	*f = frame{}
	r.frames = r.frames[:len(r.frames)-1]
	r.matcher.pop()
	r.tokens.foreign = len(r.frames) > 0 && r.top().space != inHTML
	return e
}

// inHTML reports whether the current node takes HTML: it is no foreign element, or one
// with HTML in it.
func (r *Rewriter) inHTML() bool {
	f := r.top()
	return f == nil || f.html
}

// enter returns the namespace of a start tag's element. Tags that must not be in foreign
// content end it: https://html.spec.whatwg.org/#parsing-main-inforeign
func (r *Rewriter) enter(name *tagName, t *token) namespace {
	if !r.inHTML() {
		leaves := name.tagTraits&leavesForeign != 0
		if name.name == "font" {
			for _, a := range t.attributes {
				n := a.name.of(t.raw)
				leaves = leaves || foldedEqual(n, "color") || foldedEqual(n, "face") || foldedEqual(n, "size")
			}
		}
		if leaves {
			r.leaveForeign()
		}
	}
	switch f := r.top(); {
	case name.name == "svg":
		return inSVG
	case name.name == "math":
		return inMathML
	case r.inHTML() && !(f != nil && f.name.tagTraits&htmlInMathML != 0 && f.space == inMathML && (name.name == "mglyph" || name.name == "malignmark")):
		return inHTML
	default:
		return f.space
	}
}

// leaveForeign closes elements up to one that takes HTML.
func (r *Rewriter) leaveForeign() {
	for !r.inHTML() {
		r.closeUnended()
	}
}

// closeUnended closes the current node, for which there is no end tag.
func (r *Rewriter) closeUnended() {
	if e := r.pop(); e != nil {
		r.put(e.before)
		r.put(e.after)
	}
}

// takesHTML reports whether HTML may be in an element that begins with t.
func takesHTML(space namespace, name *tagName, t *token) bool {
	switch space {
	case inSVG:
		return name.tagTraits&htmlInSVG != 0
	case inMathML:
		if name.name == "annotation-xml" {
			for _, a := range t.attributes {
				if foldedEqual(a.name.of(t.raw), "encoding") {
					v := a.value.of(t.raw)
					return foldedEqual(v, "text/html") || foldedEqual(v, "application/xhtml+xml")
				}
			}
		}
		return name.tagTraits&htmlInMathML != 0
	}
	return true
}

func (r *Rewriter) startTag(t *token) error {
	name := r.names.find(t.name)
	space := r.enter(name, t)
	siblings := &r.root
	if f := r.top(); f != nil {
		siblings = &f.children
	}
	siblings.all++
	r.current = subjectElement{token: t, name: name, all: siblings.all, charset: r.charset}
	if r.matcher.typed {
		if siblings.types == nil {
			siblings.types = map[*tagName]int{}
		}
		siblings.types[name]++
		r.current.ofType = siblings.types[name]
	}
	r.matched = r.matched[:0]
	if len(r.matcher.steps) > 0 {
		r.matched = r.matcher.match(&r.current, r.matched)
	}
	content := space == inHTML && name.tagTraits&void == 0 || space != inHTML && !t.selfClosing
	var e *Element
	r.told = r.told[:0]
	for _, rule := range r.matched {
		if r.rules[rule].Element {
			r.told = append(r.told, rule)
		}
	}
	if len(r.told) > 0 {
		e = r.element(t, name, space, content)
		if err := r.visitor.Visit(e, r.told); err != nil {
			return err
		}
		raw := t.raw
		if !e.removed && (e.changed || e.renamed) {
			raw = e.write(nil)
		}
		r.change(&e.mutation, raw)
	} else {
		r.emit(t.raw)
	}
	if !content {
		return nil
	}
	return r.push(t, name, space, e)
}

// element makes the token of a start tag.
func (r *Rewriter) element(t *token, name *tagName, space namespace, content bool) *Element {
	e := &Element{charset: r.charset, name: name.name, written: t.name, space: space, selfClosing: t.selfClosing, content: content}
	e.removed = r.removed > 0
	if len(t.attributes) > 0 {
		e.attributes = make([]Attribute, len(t.attributes))
		for i, a := range t.attributes {
			n := make([]byte, 0, 16)
			for _, c := range a.name.of(t.raw) {
				n = append(n, lower(c))
			}
			e.attributes[i] = Attribute{Name: r.charset.decode(n), Value: r.charset.decode(a.value.of(t.raw)), raw: a.raw.of(t.raw)}
		}
	}
	return e
}

// push opens an element.
func (r *Rewriter) push(t *token, name *tagName, space namespace, e *Element) error {
	if len(r.frames) == maxDepth {
		return parserError("more than the limit of %d elements are open", maxDepth)
	}
	f := frame{name: name, space: space, html: takesHTML(space, name, t)}
	if e != nil {
		f.ending = e.ending
		if f.removes = e.inner; f.removes {
			r.removed++
		}
	}
	for _, rule := range r.matched {
		if r.rules[rule].Text || r.rules[rule].Comments {
			f.matched = append(f.matched, rule)
			r.hold(rule, 1)
		}
	}
	name.open++
	r.frames = append(r.frames, f)
	r.matcher.push()
	r.tokens.foreign = space != inHTML
	if space == inHTML && name.tagTraits&rawText != 0 {
		r.tokens.raw(name.name)
	}
	return nil
}

// endTag closes the innermost element of the tag's name and those in it. Endings of
// elements without a tag of their own come before the tag.
func (r *Rewriter) endTag(t *token) error {
	name := r.names.find(t.name)
	if !r.inHTML() && (name.name == "p" || name.name == "br") {
		r.leaveForeign()
	}
	if name.open == 0 {
		r.emit(t.raw)
		return nil
	}
	var end *EndTag // made when something was asked for
	for last := false; !last; {
		last = r.top().name == name
		e := r.pop()
		if e == nil {
			continue
		}
		if end == nil {
			end = &EndTag{charset: r.charset, name: name.name}
		}
		if e.callback != nil {
			end.Callbacks = append(end.Callbacks, e.callback)
		}
		if !last {
			r.put(e.before)
			r.put(e.after)
			continue
		}
		end.before, end.after, end.removed = e.before, e.after, e.removed
		if e.name != "" {
			end.name, end.changed = e.name, true
		}
	}
	if end == nil {
		r.emit(t.raw)
		return nil
	}
	return r.finishEndTag(end, t.raw)
}

// finishEndTag calls the callbacks of an end tag and writes it.
func (r *Rewriter) finishEndTag(end *EndTag, raw []byte) error {
	if len(end.Callbacks) > 0 {
		r.told = r.told[:0]
		for i := range end.Callbacks {
			r.told = append(r.told, i)
		}
		if err := r.visitor.Visit(end, r.told); err != nil {
			return err
		}
	}
	if end.changed {
		raw = append(append([]byte("</"), end.name...), '>')
	}
	r.change(&end.mutation, raw)
	return nil
}
