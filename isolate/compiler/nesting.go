package compiler

import (
	"path"
	"strings"
)

// The bundler and the engine parse by recursion, and a Go stack that overflows
// ends the process. So sources are scanned first: every construct that costs
// them stack is charged, and what is open at one place may not cost more than
// maxNesting. A unit is about 1 KB of the dearer parser's stack, so that 32 MB do.
const (
	costBracket  = 8  // (, [, ${: a whole expression inside
	costScope    = 60 // {, =>: scopes, for which the bundler takes more than linear time too
	costOperator = 8  // prefix operators, assignments, conditionals, arrows, statements without braces
	costChain    = 2  // binary operators, members and calls: they nest to the left
	maxNesting   = 24000

	// maxArrowNesting bounds arrow functions in the parameters of arrow functions:
	// the engine parses parameters twice, so each level doubles its time.
	maxArrowNesting = 8

	// maxRawNesting bounds brackets counted without regard to strings, comments
	// and regular expressions, in case the scanner mistakes code for one of them.
	maxRawNesting = 20000
)

// checkNesting refuses an upload any module of which is nested too deeply.
func (s *Source) checkNesting() error {
	for i := range s.Modules {
		m := &s.Modules[i]
		switch m.Kind {
		case ESModule, CommonJS, JSON:
			if err := checkNesting(moduleKey(m.Name), string(m.Contents)); err != nil {
				return err
			}
		}
	}
	return nil
}

// level is what is open within one bracket.
type level struct {
	chain int // since the last separator
	elses int // of the else-if chain
	cost  int // of the bracket itself
	arrow int // arrow functions in parameters of arrow functions, the deepest
}

func checkNesting(file, code string) error {
	if offset, ok := rawNesting(file, code); !ok {
		return tooDeep(file, code, offset)
	}
	s := newScanner(code)
	levels := make([]level, 1, 64)
	total := 0
	text := ""
	closed := -1 // the arrow count in the bracket that the last token closed
	for t := s.next(); t.kind != tokEnd; t = s.next() {
		before := text
		text = code[t.start:t.end]
		params := closed
		closed = -1
		if opens := s.depth() + 1 - len(levels); opens > 0 {
			l := &levels[len(levels)-1]
			if t.operand { // a call, an index, a body
				l.chain += costChain
				total += costChain
			}
			cost := costBracket
			if text == "{" {
				cost = costScope
			}
			levels = append(levels, level{cost: cost})
			total += cost
			if total > maxNesting {
				return tooDeep(file, code, t.start)
			}
			continue
		}
		for len(levels) > s.depth()+1 {
			last := levels[len(levels)-1]
			total -= last.chain + last.elses + last.cost
			levels = levels[:len(levels)-1]
			closed = last.arrow
			outer := &levels[len(levels)-1]
			outer.arrow = max(outer.arrow, closed)
		}
		if t.kind == tokTemplate && strings.HasSuffix(text, "${") && text[0] == '}' {
			// One substitution after another: closed and opened in one token.
			last := &levels[len(levels)-1]
			total -= last.chain + last.elses
			last.chain, last.elses = 0, 0
			continue
		}
		l := &levels[len(levels)-1]
		if params >= 0 && text == "=>" {
			if l.arrow = max(l.arrow, params+1); l.arrow > maxArrowNesting {
				return tooDeep(file, code, t.start)
			}
		}
		if l.elses > 0 && text != "else" && (t.statement || t.operand && t.newline && before != "var" && !infixWord[text]) {
			total -= l.elses // a statement begins that is not part of the chain
			l.elses = 0
		}
		cost := 0
		switch t.kind {
		case tokWord:
			cost = wordCost[text]
			if t.statement || t.operand && !infixWord[text] {
				total -= l.chain
				l.chain = 0
			}
			if text == "else" {
				l.elses += costOperator
				total += costOperator
				cost = 0
			}
		case tokTemplate:
			if t.operand {
				cost = costChain
			}
		case tokPunct:
			switch text {
			case ";", ",":
				total -= l.chain
				l.chain = 0
			case ")", "]", "}":
			default:
				cost = costChain
				if !t.operand || rightToLeft[text] {
					cost = costOperator
				}
				if text == "=>" {
					cost = costScope
				}
			}
		default:
			if t.operand || t.statement {
				total -= l.chain
				l.chain = 0
			}
		}
		l.chain += cost
		if total += cost; total > maxNesting {
			return tooDeep(file, code, t.start)
		}
	}
	return nil
}

// Words that nest without a bracket.
var wordCost = map[string]int{
	"new": costOperator, "typeof": costOperator, "void": costOperator, "delete": costOperator, "await": costOperator,
	"yield": costOperator, "if": costOperator, "for": costOperator, "while": costOperator, "with": costOperator,
	"do": costOperator, "throw": costChain, "return": costChain, "case": costChain, "in": costChain,
	"instanceof": costChain, "as": costChain, "satisfies": costChain, "async": costOperator, "extends": costOperator,
	"keyof": costOperator, "infer": costOperator, "readonly": costOperator, "unique": costOperator, "is": costChain,
	"asserts": costOperator, "abstract": costOperator,
}

// Words that go on after an operand, or before another word in a type.
var infixWord = map[string]bool{
	"in": true, "instanceof": true, "of": true, "as": true, "satisfies": true, "is": true, "extends": true,
	"else": true, "while": true, "catch": true, "finally": true, "from": true, "keyof": true, "infer": true,
	"readonly": true, "unique": true, "asserts": true, "abstract": true, "async": true, "new": true, "typeof": true,
}

var rightToLeft = map[string]bool{
	"=": true, "?": true, ":": true, "=>": true, "**": true, "...": true, "@": true, "<": true,
	"+=": true, "-=": true, "*=": true, "/=": true, "%=": true, "**=": true, "<<=": true, ">>=": true, ">>>=": true,
	"&=": true, "|=": true, "^=": true, "&&=": true, "||=": true, "??=": true,
}

// rawNesting counts brackets, and the elements of JSX, in the bytes alone.
func rawNesting(file, code string) (offset int, ok bool) {
	jsx := strings.HasSuffix(path.Ext(strings.ToLower(file)), "sx")
	depth, elements := 0, 0
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '(', '[', '{':
			if depth++; depth > maxRawNesting {
				return i, false
			}
		case ')', ']', '}':
			depth = max(depth-1, 0)
		case '<':
			if !jsx || i+1 == len(code) {
				continue
			}
			if code[i+1] == '/' {
				elements = max(elements-1, 0)
			} else if isWordByte(code[i+1]) || code[i+1] == '>' {
				if elements++; elements > maxRawNesting {
					return i, false
				}
			}
		case '/':
			if jsx && strings.HasPrefix(code[i:], "/>") {
				elements = max(elements-1, 0)
			}
		}
	}
	return 0, true
}

func tooDeep(file, code string, offset int) error {
	d := place(file, code, offset, "The code is nested too deeply")
	d.Notes = []string{"brackets, operators or statements are nested thousands deep here; compute the value in a loop instead"}
	return &Error{Diagnostics: []Diagnostic{d}}
}
