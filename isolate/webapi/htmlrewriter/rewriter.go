package htmlrewriter

// A Rule is one registration of handlers: for the elements that Selector matches and what
// is in them, or for the whole document if Selector is nil. The booleans say what there
// are handlers for; Element belongs to a selector, Doctype and End to the document.
type Rule struct {
	Selector                              *Selector
	Element, Comments, Text, Doctype, End bool
}

// A Token is something that handlers look at and change: *Element, *EndTag, *Text,
// *Comment, *Doctype or *DocumentEnd.
type Token interface{ mutated() *mutation }

// A Visitor calls the handlers of a token and returns when they are done. rules are the
// numbers of the rules that the token is for, in the order of registration; for an *EndTag
// they number its Callbacks. The token is valid until Visit returns, and after an error
// it is not looked at any more. rules must not be kept.
type Visitor interface {
	Visit(t Token, rules []int) error
}

// Bounds of a rewriter.
const (
	maxRules = 1024
	maxDepth = 1 << 16 // open elements; nothing but an end tag closes one
)

// A Rewriter turns a document into another as it streams by: bytes that no rule is
// about come out as they went in. It is used by one goroutine at a time.
type Rewriter struct {
	charset *charset
	rules   []Rule
	visitor Visitor

	tokens  tokenizer
	names   tagNames
	matcher matcher
	frames  []frame
	root    siblings
	removed int // open elements whose content is removed

	active  []int // by rule, how many open elements make it hold
	texts   int   // rules with text handlers that hold
	comment int   // the same for comments
	inText  bool  // handlers saw text that has not ended

	current subjectElement
	matched []int // by the current start tag
	told    []int // the rules of a visit
	out     output
}

// siblings count the children of an element.
type siblings struct {
	all   int
	types map[*tagName]int
}

// A frame is an open element.
type frame struct {
	name     *tagName
	space    namespace
	html     bool // HTML may be in it: it is in the HTML namespace, or an integration point
	removes  bool // its content is removed
	children siblings
	matched  []int // the rules with handlers for its content
	ending   *ending
}

// An ending is what an element's handlers want done at its end.
type ending struct {
	before, after []Content
	removed       bool   // the end tag is
	name          string // of the end tag instead of its own, if not empty
	callback      any
}

// NewRewriter returns a rewriter for a document in the encoding of a label, such as
// "utf-8". visitor is only called for tokens that rules are about.
func NewRewriter(label string, rules []Rule, visitor Visitor) (*Rewriter, error) {
	c, err := lookupCharset(label)
	if err != nil {
		return nil, err
	}
	if len(rules) > maxRules {
		return nil, parserError("there are more than the limit of %d handlers", maxRules)
	}
	r := &Rewriter{charset: c, rules: rules, visitor: visitor, active: make([]int, len(rules))}
	r.out.charset = c
	r.tokens.boundary = c.boundary
	for i := range rules {
		if s := rules[i].Selector; s != nil {
			r.matcher.add(s, i)
		} else {
			r.hold(i, 1)
		}
	}
	return r, nil
}

// hold makes a rule hold for what comes next, or not any more.
func (r *Rewriter) hold(rule, change int) {
	r.active[rule] += change
	if r.rules[rule].Text {
		r.texts += change
	}
	if r.rules[rule].Comments {
		r.comment += change
	}
	r.tokens.wantText, r.tokens.wantComments = r.texts > 0, r.comment > 0
}

// enough is how many bytes of output are made ahead of reading, but for the rest of one token.
const enough = 32 << 10

// run handles tokens until the input is used up, or there is enough output: then it
// reports true.
func (r *Rewriter) run() (more bool, err error) {
	for r.tokens.next() {
		if err := r.handle(&r.tokens.token); err != nil {
			return false, err
		}
		if len(r.out.bytes) >= enough {
			return true, nil
		}
	}
	return false, r.tokens.err
}

// end handles what is known only at the end of the input, and reports true when it did.
func (r *Rewriter) end() bool {
	if r.tokens.ended {
		return false
	}
	r.tokens.end()
	return true
}

// finish ends the document.
func (r *Rewriter) finish() error {
	if err := r.endText(); err != nil {
		return err
	}
	// What was to come before end tags that are missing comes here.
	for len(r.frames) > 0 {
		r.closeUnended()
	}
	r.told = r.told[:0]
	for i := range r.rules {
		if r.rules[i].End {
			r.told = append(r.told, i)
		}
	}
	if len(r.told) == 0 {
		return nil
	}
	d := &DocumentEnd{}
	if err := r.visitor.Visit(d, r.told); err != nil {
		return err
	}
	r.put(d.before)
	return nil
}

// handle handles one token.
func (r *Rewriter) handle(t *token) error {
	if t.kind != textToken && r.inText {
		if err := r.endText(); err != nil {
			return err
		}
	}
	switch t.kind {
	case textToken:
		if r.texts > 0 {
			r.inText = true
			return r.text(&Text{text: r.charset.decode(t.raw)}, t.raw)
		}
	case startTagToken:
		return r.startTag(t)
	case endTagToken:
		return r.endTag(t)
	case commentToken:
		if r.comment > 0 {
			return r.comments(t)
		}
	case doctypeToken:
		return r.doctype(t)
	}
	r.emit(t.raw)
	return nil
}

// emit passes bytes on, unless they are in an element whose content is removed.
func (r *Rewriter) emit(b []byte) {
	if r.removed == 0 {
		r.out.bytes = append(r.out.bytes, b...)
	}
}

func (r *Rewriter) put(list []Content) {
	if len(list) == 0 {
		return
	}
	if r.removed == 0 {
		r.out.put(list)
		return
	}
	for _, c := range list {
		if c.Stream != nil {
			c.Stream.Close()
		}
	}
}

// change writes a token that a handler may have changed: what m says, around raw.
func (r *Rewriter) change(m *mutation, raw []byte) {
	r.put(m.before)
	if m.removed {
		r.put(m.replacement)
	} else {
		r.emit(raw)
	}
	r.put(m.after)
}

// endText tells text handlers that the text node is complete.
func (r *Rewriter) endText() error {
	if !r.inText {
		return nil
	}
	r.inText = false
	return r.text(&Text{last: true}, nil)
}

func (r *Rewriter) text(t *Text, raw []byte) error {
	r.told = r.told[:0]
	for i := range r.rules {
		if r.rules[i].Text && r.active[i] > 0 {
			r.told = append(r.told, i)
		}
	}
	if err := r.visitor.Visit(t, r.told); err != nil {
		return err
	}
	r.change(&t.mutation, raw)
	return nil
}

func (r *Rewriter) comments(t *token) error {
	r.told = r.told[:0]
	for i := range r.rules {
		if r.rules[i].Comments && r.active[i] > 0 {
			r.told = append(r.told, i)
		}
	}
	c := &Comment{charset: r.charset, text: r.charset.decode(t.text)}
	if err := r.visitor.Visit(c, r.told); err != nil {
		return err
	}
	raw := t.raw
	if c.changed {
		raw = append(append([]byte("<!--"), c.text...), "-->"...)
	}
	r.change(&c.mutation, raw)
	return nil
}

func (r *Rewriter) doctype(t *token) error {
	r.told = r.told[:0]
	for i := range r.rules {
		if r.rules[i].Doctype {
			r.told = append(r.told, i)
		}
	}
	if len(r.told) == 0 {
		r.emit(t.raw)
		return nil
	}
	d := parseDoctype(r.charset, t.text)
	if err := r.visitor.Visit(d, r.told); err != nil {
		return err
	}
	r.change(&d.mutation, t.raw)
	return nil
}
