package router

import "strings"

// A node is a radix tree from byte strings to values. Paths are kept as they are read,
// host suffixes backwards.
type node[V any] struct {
	text     string // from the parent to here
	value    *V     // of the string that ends here, or nil
	first    string // the first byte of each child's text
	children []*node[V]
	best     int32 // the lowest rank here and below
}

// at returns the value of key, made by the zero value when there is none, and notes that
// something of this rank is below every node on the way.
func (n *node[V]) at(key string, rank int32) *V {
	for {
		n.best = min(n.best, rank)
		if key == "" {
			if n.value == nil {
				n.value = new(V)
			}
			return n.value
		}
		i := strings.IndexByte(n.first, key[0])
		if i < 0 {
			child := &node[V]{text: key, best: rank}
			n.first += key[:1]
			n.children = append(n.children, child)
			n, key = child, ""
			continue
		}
		child := n.children[i]
		common := 1
		for common < len(key) && common < len(child.text) && key[common] == child.text[common] {
			common++
		}
		if common < len(child.text) {
			middle := &node[V]{text: child.text[:common], first: child.text[common : common+1], children: []*node[V]{child}, best: child.best}
			child.text = child.text[common:]
			n.children[i] = middle
			child = middle
		}
		n, key = child, key[common:]
	}
}

// next returns the child that key leads to and what is left of key, or nil.
func (n *node[V]) next(key []byte) (*node[V], []byte) {
	if len(key) == 0 {
		return nil, nil
	}
	i := strings.IndexByte(n.first, key[0])
	if i < 0 {
		return nil, nil
	}
	child := n.children[i]
	if len(child.text) > len(key) || string(key[:len(child.text)]) != child.text {
		return nil, nil
	}
	return child, key[len(child.text):]
}
