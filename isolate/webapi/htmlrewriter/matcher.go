package htmlrewriter

// A matcher matches a set of selectors while elements open and close. Of an open element
// it keeps no attributes, only which beginnings of selectors it, or an ancestor, is the
// end of: two sets of bits.
type matcher struct {
	steps []step
	words int // of one set
	// stack holds for each open element the set of beginnings that it ends itself and the
	// set of those that it or an ancestor ends.
	stack []uint64
	now   []uint64 // the set of the element looked at
	typed bool     // siblings are counted by type
}

// A step is one compound selector of one complex selector.
type step struct {
	*relative
	after int // the bit of the step before it, or -1
	bit   int // of this step, or -1 for the last
	rule  int
}

// add makes the matcher report rule for what s matches.
func (m *matcher) add(s *Selector, rule int) {
	for _, c := range s.list {
		after := -1
		for i := range c {
			st := step{relative: &c[i], after: after, bit: -1, rule: rule}
			if i < len(c)-1 {
				st.bit = m.bits()
				after = st.bit
			}
			m.steps = append(m.steps, st)
			m.typed = m.typed || c[i].usesTypes()
			m.words = (m.bits() + 63) / 64
		}
	}
	m.now = make([]uint64, m.words)
}

// bits counts the bits that are given out.
func (m *matcher) bits() int {
	n := 0
	for i := range m.steps {
		n = max(n, m.steps[i].bit+1)
	}
	return n
}

// match appends the rules that hold for s, each once and in order of their number.
func (m *matcher) match(s subject, rules []int) []int {
	clear(m.now)
	own, any := m.top()
	name := s.localName()
	for i := range m.steps {
		st := &m.steps[i]
		if st.after >= 0 {
			from := any
			if st.child {
				from = own
			}
			if from == nil || from[st.after/64]&(1<<(st.after%64)) == 0 {
				continue
			}
		}
		if st.name != "" && st.name != name || !st.matches(s) {
			continue
		}
		if st.bit >= 0 {
			m.now[st.bit/64] |= 1 << (st.bit % 64)
		} else if n := len(rules); n == 0 || rules[n-1] != st.rule {
			rules = append(rules, st.rule)
		}
	}
	return rules
}

// top returns the sets of the innermost open element, nil if there is none.
func (m *matcher) top() (own, any []uint64) {
	n := len(m.stack)
	if n == 0 {
		return nil, nil
	}
	return m.stack[n-2*m.words : n-m.words], m.stack[n-m.words:]
}

// push opens the element that was matched last.
func (m *matcher) push() {
	_, any := m.top()
	m.stack = append(m.stack, m.now...)
	for i, word := range m.now {
		if any != nil {
			word |= any[i]
		}
		m.stack = append(m.stack, word)
	}
}

// pop closes the innermost element.
func (m *matcher) pop() { m.stack = m.stack[:len(m.stack)-2*m.words] }
