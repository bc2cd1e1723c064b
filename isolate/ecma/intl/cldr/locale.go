package cldr

import (
	"embed"
	"slices"
	"strings"
	"sync"
)

//go:embed locales/*.txt zones.txt currencies.txt
var files embed.FS

// A Locale is the data of one locale. It is read only.
type Locale struct {
	Name   string // of the table, such as "de" or "de-CH"
	values map[string]string
	parent *Locale
	same   []string // regions in which the language's own table holds
}

// Get returns the text under key, or "".
func (l *Locale) Get(key string) string {
	for ; l != nil; l = l.parent {
		if v, ok := l.values[key]; ok {
			return v
		}
	}
	return ""
}

// List returns the alternatives under key.
func (l *Locale) List(key string) []string {
	v := l.Get(key)
	if v == "" {
		return nil
	}
	return strings.Split(v, "|")
}

// Plural returns the text under key for a plural category.
func (l *Locale) Plural(key, category string) string { return ChoosePlural(l.Get(key), category) }

// ChoosePlural picks from "one=…|few=…|…", whose last text is for all other categories.
func ChoosePlural(forms, category string) string {
	for {
		form, rest, more := strings.Cut(forms, "|")
		if !more {
			return form
		}
		if name, text, ok := strings.Cut(form, "="); ok && name == category {
			return text
		}
		forms = rest
	}
}

// language is the tables of a language by name.
type language map[string]*Locale

var languages = sync.OnceValue(func() map[string]func() language {
	entries, err := files.ReadDir("locales")
	if err != nil {
		panic(err) // embedded
	}
	m := map[string]func() language{}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".txt")
		m[name] = sync.OnceValue(func() language { return parse(read("locales/" + name + ".txt")) })
	}
	return m
})

func read(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded
	}
	return string(b)
}

func parse(text string) language {
	tables := language{}
	var base, at *Locale
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(key, "[") {
			at = &Locale{Name: strings.Trim(key, "[]"), values: map[string]string{}, parent: base, same: strings.Fields(value)}
			if base == nil {
				base = at
			}
			tables[at.Name] = at
			continue
		}
		at.values[key] = value
	}
	return tables
}

// Languages lists the languages that have a table.
func Languages() []string {
	var names []string
	for name := range languages() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// aliases are languages that share another's table.
var aliases = map[string]string{"no": "nb", "iw": "he", "in": "id"}

// Lookup returns the data for a canonical language, script and region, the latter two
// possibly "", and how much of the tag it serves. It returns nil for a language that has none.
func Lookup(lang, script, region string) (data *Locale, name string) {
	load := languages()[lang]
	if load == nil {
		load = languages()[aliases[lang]]
	}
	if load == nil {
		return nil, ""
	}
	tables := load()
	table := lang
	if a, ok := aliases[lang]; ok {
		table = a
	}
	base := tables[table]
	name = lang
	if script != "" && lang == "zh" {
		name += "-" + script
	}
	if region != "" {
		if l := tables[table+"-"+region]; l != nil {
			return l, name + "-" + region
		}
		if slices.Contains(base.same, region) {
			name += "-" + region
		}
	}
	if lang == "zh" && (script == "Hant" || script == "" && region == "MO") {
		return tables["zh-TW"], name
	}
	return base, name
}
