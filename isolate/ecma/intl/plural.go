package intl

import (
	"slices"
	"strconv"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// pluralRules chooses plural categories: https://unicode.org/reports/tr35/tr35-numbers.html#Language_Plural_Rules
type pluralRules struct {
	tag     language.Tag
	lang    string
	ordinal bool
}

var categoryNames = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

// millions are the languages whose whole millions are "many", which the data of
// golang.org/x/text is too old to know.
var millions = []string{"ca", "es", "fr", "it", "pt"}

// selectShown is the category of a number as it is shown; exponent is of ten in compact notation.
func (p pluralRules) selectShown(s shown, exponent int) string {
	// Operands are kept small: rules look at remainders of at most a million.
	tail := s.integer
	if len(tail) > 15 {
		tail = "1" + tail[len(tail)-15:]
	}
	i, _ := strconv.Atoi(tail)
	if exponent > 0 && exponent <= 12 && s.fraction == "" {
		for range exponent {
			i *= 10
		}
	}
	fraction := s.fraction
	if len(fraction) > 9 {
		fraction = fraction[:9]
	}
	v := len(fraction)
	visible, _ := strconv.Atoi("0" + fraction)
	trimmed := fraction
	for len(trimmed) > 0 && trimmed[len(trimmed)-1] == '0' {
		trimmed = trimmed[:len(trimmed)-1]
	}
	t, _ := strconv.Atoi("0" + trimmed)
	rules := plural.Cardinal
	if p.ordinal {
		rules = plural.Ordinal
	}
	if !p.ordinal && slices.Contains(millions, p.lang) && (i != 0 && i%1_000_000 == 0 && v == 0 || exponent > 5) {
		return "many"
	}
	if exponent > 0 && s.fraction != "" {
		v, visible, t = 0, 0, 0
	}
	category := categoryNames[rules.MatchPlural(p.tag, i%10_000_000, v, len(trimmed), visible, t)]
	if p.lang == "he" && category == "many" { // no longer in Hebrew
		return "other"
	}
	return category
}

// categories lists the plural categories of the language in the order of the standard.
func (p pluralRules) categories() []string {
	found := map[string]bool{"other": true}
	try := func(integer, fraction string) {
		found[p.selectShown(shown{integer: integer, fraction: fraction}, 0)] = true
	}
	for i := range 201 {
		try(strconv.Itoa(i), "")
	}
	try("1000000", "")
	for _, f := range []string{"0", "1", "2", "5", "11", "21"} {
		for _, i := range []string{"0", "1", "2"} {
			try(i, f)
		}
	}
	var out []string
	for _, c := range []string{"few", "many", "one", "two", "zero", "other"} {
		if found[c] {
			out = append(out, c)
		}
	}
	return out
}
