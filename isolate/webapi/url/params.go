package url

import (
	"slices"
	"strings"
)

// Params is the ordered list of name-value pairs behind URLSearchParams. The
// zero value is an empty list. Its methods are those of the class; converting
// arguments and updating the URL afterwards is the class's work.
// https://url.spec.whatwg.org/#interface-urlsearchparams
type Params struct {
	pairs []Pair
}

// Pair is one name with its value.
type Pair struct {
	Name, Value string
}

// ParseParams reads a list from its application/x-www-form-urlencoded form. A
// leading question mark is not removed, but is part of the first name.
func ParseParams(input string) *Params {
	p := new(Params)
	p.Parse(input)
	return p
}

// Parse replaces the list by the one input holds. Every input holds one: bytes
// that are not UTF-8 after decoding become U+FFFD.
// https://url.spec.whatwg.org/#concept-urlencoded-parser
func (p *Params) Parse(input string) {
	p.pairs = p.pairs[:0]
	if input == "" {
		return
	}
	if cap(p.pairs) == 0 {
		p.pairs = make([]Pair, 0, strings.Count(input, "&")+1)
	}
	for more := true; more; {
		var sequence string
		sequence, input, more = strings.Cut(input, "&")
		if sequence == "" {
			continue
		}
		name, value, _ := strings.Cut(sequence, "=")
		p.pairs = append(p.pairs, Pair{decodeForm(name), decodeForm(value)})
	}
}

// decodeForm decodes plus signs and percent-encoded bytes. It returns s itself
// when there are none.
func decodeForm(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		// Nothing to validate: the input was a scalar value string.
		return strings.ReplaceAll(s, "+", " ")
	}
	return decodeUTF8(appendDecoded(make([]byte, 0, len(s)), strings.ReplaceAll(s, "+", " ")))
}

// String is the application/x-www-form-urlencoded form.
// https://url.spec.whatwg.org/#concept-urlencoded-serializer
func (p *Params) String() string {
	if len(p.pairs) == 0 {
		return ""
	}
	var stack [256]byte
	b := stack[:0]
	for i, pair := range p.pairs {
		if i > 0 {
			b = append(b, '&')
		}
		b = appendForm(b, pair.Name)
		b = append(b, '=')
		b = appendForm(b, pair.Value)
	}
	return string(b)
}

func appendForm(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			b = append(b, '+')
		case encodeTable[c]&formSet != 0:
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		default:
			b = append(b, c)
		}
	}
	return b
}

// Len is the number of pairs.
func (p *Params) Len() int { return len(p.pairs) }

// At is the pair at index i, from 0 to Len()-1. Iterators of the class go by
// index, since the list may change under them.
func (p *Params) At(i int) Pair { return p.pairs[i] }

// Append is https://url.spec.whatwg.org/#dom-urlsearchparams-append.
func (p *Params) Append(name, value string) {
	p.pairs = append(p.pairs, Pair{name, value})
}

// Delete removes all pairs with this name.
// https://url.spec.whatwg.org/#dom-urlsearchparams-delete
func (p *Params) Delete(name string) {
	p.pairs = slices.DeleteFunc(p.pairs, func(pair Pair) bool { return pair.Name == name })
}

// DeleteValue removes all pairs with this name and value.
// https://url.spec.whatwg.org/#dom-urlsearchparams-delete
func (p *Params) DeleteValue(name, value string) {
	p.pairs = slices.DeleteFunc(p.pairs, func(pair Pair) bool { return pair == Pair{name, value} })
}

// Get is the value of the first pair with this name, and whether there is one.
// https://url.spec.whatwg.org/#dom-urlsearchparams-get
func (p *Params) Get(name string) (value string, found bool) {
	for i := range p.pairs {
		if p.pairs[i].Name == name {
			return p.pairs[i].Value, true
		}
	}
	return "", false
}

// GetAll is the values of all pairs with this name, in order; nil if there are
// none. The slice is the caller's.
// https://url.spec.whatwg.org/#dom-urlsearchparams-getall
func (p *Params) GetAll(name string) []string {
	var values []string
	for i := range p.pairs {
		if p.pairs[i].Name == name {
			values = append(values, p.pairs[i].Value)
		}
	}
	return values
}

// Has is https://url.spec.whatwg.org/#dom-urlsearchparams-has without a value.
func (p *Params) Has(name string) bool {
	_, found := p.Get(name)
	return found
}

// HasValue is https://url.spec.whatwg.org/#dom-urlsearchparams-has with a value.
func (p *Params) HasValue(name, value string) bool {
	return slices.Contains(p.pairs, Pair{name, value})
}

// Set changes the first pair with this name and removes the others, or appends
// a pair. https://url.spec.whatwg.org/#dom-urlsearchparams-set
func (p *Params) Set(name, value string) {
	first := slices.IndexFunc(p.pairs, func(pair Pair) bool { return pair.Name == name })
	if first < 0 {
		p.Append(name, value)
		return
	}
	p.pairs[first].Value = value
	rest := slices.DeleteFunc(p.pairs[first+1:], func(pair Pair) bool { return pair.Name == name })
	p.pairs = p.pairs[:first+1+len(rest)]
}

// Sort orders the pairs by the UTF-16 code units of their names; pairs with
// equal names keep their order. https://url.spec.whatwg.org/#dom-urlsearchparams-sort
func (p *Params) Sort() {
	slices.SortStableFunc(p.pairs, func(a, b Pair) int { return compareUTF16(a.Name, b.Name) })
}

// compareUTF16 compares two UTF-8 strings by their UTF-16 code units. The order
// is that of the bytes, except that U+E000 to U+FFFF (lead bytes EE and EF) come
// after the surrogates that stand for what is above (lead bytes from F0).
func compareUTF16(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0) {
			x, y = y, x
		}
		return int(x) - int(y)
	}
	return len(a) - len(b)
}
