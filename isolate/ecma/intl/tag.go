package intl

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// A tag is a Unicode BCP 47 locale identifier in its canonical form:
// https://unicode.org/reports/tr35/#Unicode_locale_identifier
type tag struct {
	language, script, region string
	variants                 []string
	keywords                 []keyword // of the u extension, sorted
	attributes               []string  // of the u extension
	extensions               []string  // others, whole, in canonical order
	private                  string
}

type keyword struct{ key, value string }

// parseTag is IsStructurallyValidLanguageTag and CanonicalizeUnicodeLocaleId:
// https://tc39.es/ecma402/#sec-isstructurallyvalidlanguagetag
func parseTag(text string) (tag, error) {
	bad := fmt.Errorf("Incorrect locale information provided")
	if len(text) > 255 {
		return tag{}, bad
	}
	parts := strings.Split(strings.ToLower(text), "-")
	for _, p := range parts {
		if len(p) == 0 || len(p) > 8 || strings.ContainsFunc(p, func(r rune) bool { return !alphanumeric(r) }) {
			return tag{}, bad
		}
	}
	var t tag
	if p := parts[0]; !alpha(p) || len(p) < 2 || len(p) == 4 {
		return tag{}, bad
	}
	t.language, parts = parts[0], parts[1:]
	if len(parts) > 0 && len(parts[0]) == 4 && alpha(parts[0]) {
		t.script, parts = strings.ToUpper(parts[0][:1])+parts[0][1:], parts[1:]
	}
	if len(parts) > 0 && (len(parts[0]) == 2 && alpha(parts[0]) || len(parts[0]) == 3 && digits(parts[0])) {
		t.region, parts = strings.ToUpper(parts[0]), parts[1:]
	}
	for len(parts) > 0 && (len(parts[0]) >= 5 || len(parts[0]) == 4 && parts[0][0] <= '9') {
		if slices.Contains(t.variants, parts[0]) {
			return tag{}, bad
		}
		t.variants, parts = append(t.variants, parts[0]), parts[1:]
	}
	slices.Sort(t.variants)
	seen := map[string]bool{}
	for len(parts) > 0 {
		single := parts[0]
		if len(single) != 1 || len(parts) == 1 {
			return tag{}, bad
		}
		if single == "x" {
			t.private = strings.Join(parts, "-")
			break
		}
		if seen[single] {
			return tag{}, bad
		}
		seen[single] = true
		end := 1
		for end < len(parts) && len(parts[end]) > 1 {
			end++
		}
		if end == 1 {
			return tag{}, bad
		}
		if single == "u" {
			t.unicode(parts[1:end])
		} else if single == "t" && !transformed(parts[1:end]) {
			return tag{}, bad
		} else {
			t.extensions = append(t.extensions, strings.Join(parts[:end], "-"))
		}
		parts = parts[end:]
	}
	slices.Sort(t.extensions)
	t.replaceAliases()
	return t, nil
}

// unicode reads what follows -u-.
func (t *tag) unicode(parts []string) {
	for len(parts) > 0 && len(parts[0]) > 2 {
		t.attributes, parts = append(t.attributes, parts[0]), parts[1:]
	}
	for len(parts) > 0 {
		key, end := parts[0], 1
		for end < len(parts) && len(parts[end]) > 2 {
			end++
		}
		value := strings.Join(parts[1:end], "-")
		if value == "true" || value == "yes" && (key == "kb" || key == "kc" || key == "kh" || key == "kk" || key == "kn") {
			value = ""
		}
		if key == "ca" && value == "gregorian" {
			value = "gregory"
		}
		if !slices.ContainsFunc(t.keywords, func(k keyword) bool { return k.key == key }) {
			t.keywords = append(t.keywords, keyword{key, value})
		}
		parts = parts[end:]
	}
	slices.SortFunc(t.keywords, func(a, b keyword) int { return strings.Compare(a.key, b.key) })
}

// transformed checks what follows -t-: a language tag and fields, one of them at least.
func transformed(parts []string) bool {
	field := func(p string) bool { return len(p) == 2 && p[0] >= 'a' && p[1] <= '9' }
	i := 0
	for i < len(parts) && !field(parts[i]) {
		i++
	}
	if i > 0 {
		if _, err := parseTag(strings.Join(parts[:i], "-")); err != nil {
			return false
		}
	}
	for i < len(parts) {
		if i++; i == len(parts) || field(parts[i]) {
			return false
		}
		for i < len(parts) && !field(parts[i]) {
			i++
		}
	}
	return true
}

// replaceAliases puts preferred codes for deprecated ones.
func (t *tag) replaceAliases() {
	canon := language.DeprecatedBase | language.DeprecatedScript | language.DeprecatedRegion | language.SuppressScript
	raw, err := (canon &^ language.SuppressScript).Parse(t.base())
	if err != nil || len(t.variants) > 0 {
		return
	}
	base, script, region := raw.Raw()
	if s := base.String(); s != "und" && len(s) <= 3 {
		t.language = s
	}
	if s := script.String(); s != "Zzzz" && t.script != "" {
		t.script = s
	}
	if s := region.Canonicalize().String(); s != "ZZ" && t.region != "" {
		t.region = s
	}
}

// base is the language, script, region and variants.
func (t *tag) base() string {
	s := t.language
	if t.script != "" {
		s += "-" + t.script
	}
	if t.region != "" {
		s += "-" + t.region
	}
	for _, v := range t.variants {
		s += "-" + v
	}
	return s
}

func (t *tag) String() string {
	s := t.base()
	unicode := ""
	if len(t.keywords)+len(t.attributes) > 0 {
		unicode = "-u"
		for _, a := range t.attributes {
			unicode += "-" + a
		}
		for _, k := range t.keywords {
			unicode += "-" + k.key
			if k.value != "" {
				unicode += "-" + k.value
			}
		}
	}
	for _, e := range t.extensions {
		if unicode != "" && e[0] > 'u' {
			s, unicode = s+unicode, ""
		}
		s += "-" + e
	}
	s += unicode
	if t.private != "" {
		s += "-" + t.private
	}
	return s
}

// keyword returns the value of a key of the u extension.
func (t *tag) keyword(key string) (string, bool) {
	for _, k := range t.keywords {
		if k.key == key {
			return k.value, true
		}
	}
	return "", false
}

func (t *tag) setKeyword(key, value string) {
	if i := slices.IndexFunc(t.keywords, func(k keyword) bool { return k.key == key }); i >= 0 {
		t.keywords[i].value = value
		return
	}
	t.keywords = append(t.keywords, keyword{key, value})
	slices.SortFunc(t.keywords, func(a, b keyword) int { return strings.Compare(a.key, b.key) })
}

// text is the tag for golang.org/x/text.
func (t *tag) text() language.Tag {
	l, err := language.Parse(t.base())
	if err != nil {
		return language.Und
	}
	return l
}

func alphanumeric(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

func alpha(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 'a' || r > 'z' })
}

func digits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// typeSequence reports whether s has the form of a keyword's value.
func typeSequence(s string) bool {
	for part := range strings.SplitSeq(s, "-") {
		if len(part) < 3 || len(part) > 8 || strings.ContainsFunc(strings.ToLower(part), func(r rune) bool { return !alphanumeric(r) }) {
			return false
		}
	}
	return true
}
