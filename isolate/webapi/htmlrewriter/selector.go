package htmlrewriter

import "strings"

// A Selector is a parsed list of the CSS selectors that can be matched while a document
// streams by: those that look at an element, its ancestors and its elder siblings' number.
// https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/#selectors
type Selector struct{ list []complexSelector }

// A complexSelector is compound selectors from the outermost to the subject.
type complexSelector []relative

// A relative is a compound selector and how it hangs on the one before it.
type relative struct {
	child bool // a child of it, else any descendant; no meaning for the first
	compound
}

// A compound holds for an element for which all of its tests do.
type compound struct {
	name  string // in lower case; "" for any
	tests []test
}

type testKind uint8

const (
	hasAttribute   testKind = iota
	attributeIs             // [name=value]
	attributeHas            // [name~=value]
	attributeBegin          // [name^=value]
	attributeEnd            // [name$=value]
	attributePart           // [name*=value]
	attributeDash           // [name|=value]
	nthChild                // :nth-child(an+b)
	nthOfType               // :nth-of-type(an+b)
	negation                // :not(list)
)

type test struct {
	kind        testKind
	fold        bool // compare ASCII letters without regard to case
	name, value string
	a, b        int
	list        []compound
}

// A subject is an element that a compound is matched against.
type subject interface {
	localName() string // in lower case
	// attribute returns the raw value of the first attribute of a name in lower case.
	attribute(name string) ([]byte, bool)
	// position is the element's number among its siblings, or those of its type, from 1.
	position(ofType bool) int
}

// matches reports whether all tests hold; the name has been compared already.
func (c *compound) matches(s subject) bool {
	for i := range c.tests {
		if !c.tests[i].holds(s) {
			return false
		}
	}
	return true
}

func (t *test) holds(s subject) bool {
	switch t.kind {
	case nthChild, nthOfType:
		return t.selects(s.position(t.kind == nthOfType))
	case negation:
		for i := range t.list {
			if c := &t.list[i]; c.named(s) && c.matches(s) {
				return false
			}
		}
		return true
	}
	value, ok := s.attribute(t.name)
	return ok && t.accepts(value)
}

// named is the test of the name.
func (c *compound) named(s subject) bool {
	return c.name == "" || c.name == s.localName()
}

// selects reports whether index is a*n+b for some n of 0 and more.
func (t *test) selects(index int) bool {
	d := index - t.b
	if t.a == 0 {
		return d == 0
	}
	return d%t.a == 0 && d/t.a >= 0
}

// accepts is https://www.w3.org/TR/selectors-4/#attribute-representation
func (t *test) accepts(v []byte) bool {
	n := len(t.value)
	switch t.kind {
	case hasAttribute:
		return true
	case attributeIs:
		return t.same(v)
	case attributeHas:
		for len(v) > 0 {
			i := 0
			for i < len(v) && !isSpace(v[i]) {
				i++
			}
			if i > 0 && t.same(v[:i]) {
				return true
			}
			v = v[min(i+1, len(v)):]
		}
	case attributeBegin:
		return n > 0 && len(v) >= n && t.same(v[:n])
	case attributeEnd:
		return n > 0 && len(v) >= n && t.same(v[len(v)-n:])
	case attributePart:
		for i := 0; n > 0 && i+n <= len(v); i++ {
			if t.same(v[i : i+n]) {
				return true
			}
		}
	case attributeDash:
		return t.same(v) || len(v) > n && v[n] == '-' && t.same(v[:n])
	}
	return false
}

func (t *test) same(v []byte) bool {
	if t.fold {
		return foldedEqual(v, t.value)
	}
	return string(v) == t.value
}

// usesTypes reports whether siblings have to be counted by type.
func (c *compound) usesTypes() bool {
	for i := range c.tests {
		t := &c.tests[i]
		if t.kind == nthOfType {
			return true
		}
		for j := range t.list {
			if t.list[j].usesTypes() {
				return true
			}
		}
	}
	return false
}

// String is the selector in a normal form.
func (s *Selector) String() string {
	var b strings.Builder
	for i, c := range s.list {
		if i > 0 {
			b.WriteString(", ")
		}
		for j := range c {
			switch {
			case j > 0 && c[j].child:
				b.WriteString(" > ")
			case j > 0:
				b.WriteByte(' ')
			}
			c[j].compound.write(&b)
		}
	}
	return b.String()
}
