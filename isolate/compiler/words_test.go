package compiler

import (
	"fmt"
	"strings"
	"testing"
)

func TestMentions(t *testing.T) {
	p := &Program{words: wordsOf([]byte(`a.repeat(3); x["padStart"] /* fill */; $b_2 = Symbol.asyncIterator`))}
	for _, word := range []string{"a", "repeat", "padStart", "fill", "$b_2", "Symbol", "asyncIterator", "3"} {
		if !p.Mentions(word) {
			t.Errorf("%s is not found", word)
		}
	}
	for _, word := range []string{"repea", "epeat", "", "Iterator", "b_2"} {
		if p.Mentions(word) {
			t.Errorf("%q is found", word)
		}
	}
}

func BenchmarkWords(b *testing.B) {
	var code strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&code, "var name%d=other.property;", i%500)
	}
	text := []byte(code.String())
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		wordsOf(text)
	}
}
