package compiler

import (
	"fmt"
	"strings"
	"testing"
)

func TestMentions(t *testing.T) {
	p := &Program{words: wordsOf(`a.repeat(3); x["padStart"] /* fill */; $b_2 = Symbol.asyncIterator`)}
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

// TestMentionsWithoutHelpers: what only esbuild's own code names is not made for a script.
func TestMentionsWithoutHelpers(t *testing.T) {
	p := compileSource(t, files("index.js", `export default { fetch() {} }`))
	for _, word := range []string{"defineProperty", "Object", "enumerable"} {
		if p.Mentions(word) {
			t.Errorf("%s is found", word)
		}
	}
}

func BenchmarkWords(b *testing.B) {
	var code strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&code, "var name%d=other.property;", i%500)
	}
	text := code.String()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		wordsOf(text)
	}
}
