package json

import (
	"strings"

	"github.com/dop251/goja/unistring"

	"github.com/mayfly-edge/mayfly/isolate/ecma/layout"
)

// names are the property names of a text. Objects in a text mostly look like the one
// before: a name is guessed by what came before it, and then only compared. Equal names
// share memory, and none keeps the whole text alive.
type names struct {
	list []name
	by   map[string]int // indices of list
	at   int            // whose value is being read
}

const (
	// start stands for the place before the first name, and for the value of the whole text.
	start = 0
	// other stands for all names past the first maxNames.
	other    = 1
	maxNames = 4096
)

type name struct {
	text string
	key  unistring.String // the same as the engine has it
	// next is the name that came after this one in an object, and child the one that
	// objects in its value began with; start if none is known.
	next, child int
	// shape is that of the last object in its value.
	shape *layout.Shape
}

func (n *names) reset() {
	const few = 8
	n.list = append(make([]name, 0, few), name{}, name{})
}

// guess takes the property name that is to be expected in the value of holder after at,
// if it stands at the current place.
func (p *parser) guess(holder, at int) (int, bool) {
	i := p.names.list[at].next
	if at == start {
		i = p.names.list[holder].child
	}
	if i == start {
		return start, false
	}
	rest, text := p.s[p.i+1:], p.names.list[i].text
	if len(rest) <= len(text) || rest[len(text)] != '"' || rest[:len(text)] != text {
		return start, false
	}
	p.i += len(text) + 2
	return i, true
}

// follow notes that a name, spelled as its contents are, came after at in the value of holder.
func (n *names) follow(holder, at, found int) {
	switch {
	case found == other:
	case at == start:
		n.list[holder].child = found
	default:
		n.list[at].next = found
	}
}

// find returns the index of a name. That of other is good until the next one.
func (n *names) find(text string) int {
	if i, ok := n.by[text]; ok {
		return i
	}
	if n.by == nil {
		n.by = map[string]int{}
	}
	text = strings.Clone(text)
	i := len(n.list)
	if i > maxNames {
		n.list[other].key = keyOf(text)
		return other
	}
	n.list = append(n.list, name{text: text, key: keyOf(text)})
	n.by[text] = i
	return i
}

// keyOf returns the engine's property name of a text.
func keyOf(s string) unistring.String {
	if units := unitsOf(s); units != nil {
		return unistring.FromUtf16(append([]uint16{unistring.BOM}, units...))
	}
	return unistring.NewFromString(s)
}
