package url

import (
	"strings"
	"unicode/utf8"
)

// generateRegExp writes the regular expression that matches the parts, with one
// capturing group for each group of theirs. The segment wildcard is passed in,
// since engines differ in how they write a class that excludes nothing.
// https://urlpattern.spec.whatwg.org/#generate-a-regular-expression-and-name-list
func generateRegExp(parts []part, segmentWildcard string) string {
	var b strings.Builder
	write := func(pieces ...string) {
		for _, s := range pieces {
			b.WriteString(s)
		}
	}
	write("^")
	for i := range parts {
		p := &parts[i]
		modifier := ""
		if p.modifier != 0 {
			modifier = string(rune(p.modifier))
		}
		if p.kind == partFixedText {
			if modifier == "" {
				write(escapeRegExp(p.value))
			} else {
				write("(?:", escapeRegExp(p.value), ")", modifier)
			}
			continue
		}
		expression := p.value
		switch p.kind {
		case partSegmentWildcard:
			expression = segmentWildcard
		case partFullWildcard:
			expression = fullWildcard
		}
		prefix, suffix := escapeRegExp(p.prefix), escapeRegExp(p.suffix)
		repeats := p.modifier == '*' || p.modifier == '+'
		switch {
		case prefix == "" && suffix == "" && repeats:
			write("((?:", expression, ")", modifier, ")")
		case prefix == "" && suffix == "":
			write("(", expression, ")", modifier)
		case !repeats:
			write("(?:", prefix, "(", expression, ")", suffix, ")", modifier)
		default:
			write("(?:", prefix, "((?:", expression, ")(?:", suffix, prefix, "(?:", expression, "))*)", suffix, ")")
			if p.modifier == '*' {
				write("?")
			}
		}
	}
	write("$")
	return b.String()
}

// generatePattern writes the pattern string of the parts, which is what the
// attributes of URLPattern return.
// https://urlpattern.spec.whatwg.org/#generate-a-pattern-string
func generatePattern(parts []part, options *patternOptions) string {
	var b []byte
	for i := range parts {
		p := &parts[i]
		if p.kind == partFixedText {
			if p.modifier == 0 {
				b = appendPatternText(b, p.value)
			} else {
				b = append(appendPatternText(append(b, '{'), p.value), '}', p.modifier)
			}
			continue
		}
		custom := !isDigit(int(p.name[0]))
		grouped := needsGrouping(parts, i, options, custom)
		if grouped {
			b = append(b, '{')
		}
		b = appendPatternText(b, p.prefix)
		if custom {
			b = append(append(b, ':'), p.name...)
		}
		switch p.kind {
		case partRegExp:
			b = append(append(append(b, '('), p.value...), ')')
		case partSegmentWildcard:
			if !custom {
				b = append(append(append(b, '('), options.segmentWildcard()...), ')')
			} else if first, _ := utf8.DecodeRuneInString(p.suffix); p.suffix != "" && isNameCodePoint(first, false) {
				b = append(b, '\\')
			}
		case partFullWildcard:
			if !custom && (i == 0 || parts[i-1].kind == partFixedText || parts[i-1].modifier != 0 || grouped || p.prefix != "") {
				b = append(b, '*')
			} else {
				b = append(b, "(.*)"...)
			}
		}
		b = appendPatternText(b, p.suffix)
		if grouped {
			b = append(b, '}')
		}
		if p.modifier != 0 {
			b = append(b, p.modifier)
		}
	}
	return string(b)
}

// needsGrouping reports whether the group at index i must be written in braces
// to keep its extent.
func needsGrouping(parts []part, i int, options *patternOptions, custom bool) bool {
	p := &parts[i]
	if p.suffix != "" || p.prefix != "" && p.prefix != options.prefix {
		return true
	}
	if custom && p.kind == partSegmentWildcard && p.modifier == 0 && i+1 < len(parts) {
		if next := &parts[i+1]; next.prefix == "" && next.suffix == "" {
			if next.kind == partFixedText {
				first, _ := utf8.DecodeRuneInString(next.value)
				if isNameCodePoint(first, false) {
					return true
				}
			} else if isDigit(int(next.name[0])) {
				return true
			}
		}
	}
	return p.prefix == "" && i > 0 && parts[i-1].kind == partFixedText &&
		options.prefix != "" && strings.HasSuffix(parts[i-1].value, options.prefix)
}

// https://urlpattern.spec.whatwg.org/#escape-a-pattern-string
func appendPatternText(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`+*?:{}()\`, s[i]) >= 0 {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return b
}

func escapePattern(s string) string { return string(appendPatternText(nil, s)) }

// https://urlpattern.spec.whatwg.org/#escape-a-regexp-string
func escapeRegExp(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`.+*?^${}()[]|/\`, s[i]) >= 0 {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return string(b)
}
