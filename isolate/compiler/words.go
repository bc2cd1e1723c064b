package compiler

import (
	"hash/maphash"
	"slices"
)

// words is the set of identifier-like words in a script.
type words struct {
	hashes   []uint32   // sorted
	outlines [32]uint64 // a bit for each outline that a word has
}

var wordSeed = maphash.MakeSeed()

// wordsOf collects the words of code, whatever they are part of: names, strings,
// comments. A property that a script reaches by a name it does not spell out is the
// only one missing.
func wordsOf(code string) words {
	var set words
	add := func(word string) {
		set.hashes = append(set.hashes, wordHash(word))
		set.outline(word)
	}
	start := -1
	for i := range len(code) {
		c := code[i]
		part := c == '_' || c == '$' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
		switch {
		case part && start < 0:
			start = i
		case !part && start >= 0:
			add(code[start:i])
			start = -1
		}
	}
	if start >= 0 {
		add(code[start:])
	}
	slices.Sort(set.hashes)
	set.hashes = slices.Clip(slices.Compact(set.hashes))
	return set
}

func wordHash(word string) uint32 { return uint32(maphash.String(wordSeed, word)) }

// outline is where outlines has the bit of words of about this length that begin and end
// with about these letters. Most words that a script does not have are told by it, for less than
// a hash costs.
func outline(word string) (i int, bit uint64) {
	n := len(word)
	o := uint(word[0]&15)<<7 | uint(word[n-1]&15)<<3 | uint(n&7)
	return int(o >> 6), 1 << (o & 63)
}

func (w *words) outline(word string) {
	i, bit := outline(word)
	w.outlines[i] |= bit
}

// with returns the set with one more word.
func (w words) with(word string) words {
	hash := wordHash(word)
	if i, found := slices.BinarySearch(w.hashes, hash); !found {
		w.hashes = slices.Insert(w.hashes, i, hash)
		w.outline(word)
	}
	return w
}

// Mentions reports whether the script spells word out anywhere; rarely it says so of
// one that it does not. What a script never mentions need not be made for it.
func (p *Program) Mentions(word string) bool {
	if word == "" {
		return false
	}
	if i, bit := outline(word); p.words.outlines[i]&bit == 0 {
		return false
	}
	_, found := slices.BinarySearch(p.words.hashes, wordHash(word))
	return found
}
