package url

import "regexp"

// RegExp is a compiled regular expression. It is used by one goroutine at a
// time unless its engine allows more.
type RegExp interface {
	// Exec matches input and returns the capturing groups from the first on,
	// or matched false.
	Exec(input string) (groups []Group, matched bool)
}

// Group is what a capturing group matched. Set is false for a group that took no
// part in the match, whose value is undefined in JavaScript.
type Group struct {
	Value string
	Set   bool
}

// RegExpCompiler compiles the source of a JavaScript regular expression with
// the flag v, and the flag i if ignoreCase.
type RegExpCompiler func(source string, ignoreCase bool) (RegExp, error)

// goRegExp is a [RegExp] of Go's own engine, which takes linear time.
type goRegExp struct {
	*regexp.Regexp
	optional []int // groups with a question mark right after them
}

// compileGoRegExp compiles source, which is in Go's syntax.
func compileGoRegExp(source string, ignoreCase bool, optional []int) (RegExp, error) {
	if ignoreCase {
		source = "(?i)" + source
	}
	re, err := regexp.Compile(source)
	if err != nil {
		return nil, err
	}
	return goRegExp{re, optional}, nil
}

func (re goRegExp) Exec(input string) ([]Group, bool) {
	at := re.FindStringSubmatchIndex(input)
	if at == nil {
		return nil, false
	}
	groups := make([]Group, len(at)/2-1)
	for i := range groups {
		if start, end := at[2*i+2], at[2*i+3]; start >= 0 {
			groups[i] = Group{input[start:end], true}
		}
	}
	for _, i := range re.optional {
		// JavaScript rather leaves an optional group out than let it be empty.
		groups[i].Set = groups[i].Value != ""
	}
	return groups, true
}
