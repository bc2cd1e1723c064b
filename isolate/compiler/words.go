package compiler

import (
	"hash/maphash"
	"slices"
)

// words is the set of identifier-like words in a script, as sorted hashes.
type words []uint32

var wordSeed = maphash.MakeSeed()

// wordsOf collects the words of code, whatever they are part of: names, strings,
// comments. A property that a script reaches by a name it does not spell out is the
// only one missing.
func wordsOf(code string) words {
	var set words
	start := -1
	for i := range len(code) {
		c := code[i]
		part := c == '_' || c == '$' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
		switch {
		case part && start < 0:
			start = i
		case !part && start >= 0:
			set = append(set, wordHash(code[start:i]))
			start = -1
		}
	}
	if start >= 0 {
		set = append(set, wordHash(code[start:]))
	}
	slices.Sort(set)
	return slices.Clip(slices.Compact(set))
}

func wordHash(word string) uint32 { return uint32(maphash.String(wordSeed, word)) }

// with returns the set with one more word.
func (w words) with(word string) words {
	hash := wordHash(word)
	if i, found := slices.BinarySearch(w, hash); !found {
		w = slices.Insert(w, i, hash)
	}
	return w
}

// Mentions reports whether the script spells word out anywhere; rarely it says so of
// one that it does not. What a script never mentions need not be made for it.
func (p *Program) Mentions(word string) bool {
	_, found := slices.BinarySearch(p.words, wordHash(word))
	return found
}
