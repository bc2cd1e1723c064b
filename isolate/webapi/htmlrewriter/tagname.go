package htmlrewriter

// A tagName is what a rewriter knows of all elements of one name.
type tagName struct {
	name string // in lower case
	tagTraits
	open int // how many are open
}

// tagTraits are what the tree builder knows of a name:
// https://html.spec.whatwg.org/#parsing-main-inbody and #parsing-main-inforeign
type tagTraits uint8

const (
	void          tagTraits = 1 << iota // has neither content nor an end tag
	rawText                             // its content is text
	leavesForeign                       // ends foreign content
	htmlInSVG                           // its content in SVG is HTML
	htmlInMathML                        // its content in MathML is HTML
)

var traits = func() map[string]tagTraits {
	m := map[string]tagTraits{}
	for _, group := range []struct {
		trait tagTraits
		names []string
	}{
		{0, []string{"html", "a", "article", "aside", "button", "footer", "form", "g", "header", "label", "main", "math", "nav", "option",
			"path", "section", "select", "svg", "tbody", "td", "template", "th", "thead", "tr"}},
		{void, []string{"area", "base", "basefont", "bgsound", "br", "col", "embed", "hr", "img", "input", "keygen", "link", "meta",
			"param", "source", "track", "wbr"}},
		{rawText, []string{"iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"}},
		{leavesForeign, []string{"b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed",
			"h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre",
			"ruby", "s", "small", "span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var"}},
		{htmlInSVG, []string{"desc", "foreignobject", "title"}},
		{htmlInMathML, []string{"mi", "mo", "mn", "ms", "mtext"}},
	} {
		for _, name := range group.names {
			m[name] |= group.trait
		}
	}
	return m
}()

// tagNames finds the names of a document. Strange ones are kept while their number is small.
type tagNames struct {
	byName  map[string]*tagName
	scratch []byte
}

const keptNames = 4096

// find returns the one tagName of a name as written.
func (n *tagNames) find(written []byte) *tagName {
	n.scratch = n.scratch[:0]
	for _, c := range written {
		n.scratch = append(n.scratch, lower(c))
	}
	if t := n.byName[string(n.scratch)]; t != nil {
		return t
	}
	if n.byName == nil {
		n.byName = make(map[string]*tagName, 32)
	} else if len(n.byName) >= keptNames {
		for name, t := range n.byName {
			if t.open == 0 {
				delete(n.byName, name)
			}
		}
	}
	name := string(n.scratch)
	t := &tagName{name: name, tagTraits: traits[name]}
	n.byName[name] = t
	return t
}

// A namespace is that of an element.
type namespace uint8

const (
	inHTML namespace = iota
	inSVG
	inMathML
)

// uri is https://infra.spec.whatwg.org/#namespaces
func (n namespace) uri() string {
	switch n {
	case inSVG:
		return "http://www.w3.org/2000/svg"
	case inMathML:
		return "http://www.w3.org/1998/Math/MathML"
	}
	return "http://www.w3.org/1999/xhtml"
}
