package ecma

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/dlclark/regexp2/v2"
	"github.com/dop251/goja"
)

// An expression is a regular expression whose flags or groups the engine does not know.
// Its object is one of the engine's with properties of its own before those of the prototype.
type expression struct {
	vm              *goja.Runtime
	flags           string // as the script wrote them
	lowered         string // the pattern that the engine runs, with the flags in inner
	inner           string
	renamed         map[string]string // groups that stand for another one of the same name
	exec            goja.Callable     // of RegExp.prototype
	matcher         *regexp2.Regexp
	input           goja.String // the last one, as characters:
	characters      []rune
	offset, inverse []int // of each character in code units, and back; nil if they are the same
}

// lowerFlags returns the flags that the engine understands.
func lowerFlags(flags string) string {
	return strings.NewReplacer("d", "", "v", "u").Replace(flags)
}

// canonicalFlags is the order in which the flags getter gives them.
func canonicalFlags(flags string) string {
	b := []byte(flags)
	slices.Sort(b)
	return string(b)
}

// decorate gives the engine's object what the script is to see.
func (x *expression) decorate(o *goja.Object) {
	hide := func(name string, v any) {
		must(o.DefineDataProperty(name, x.vm.ToValue(v), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE))
	}
	hide("flags", canonicalFlags(x.flags))
	if strings.Contains(x.flags, "v") {
		hide("unicodeSets", true)
		hide("unicode", false)
	}
	indices := strings.Contains(x.flags, "d")
	if indices {
		hide("hasIndices", true)
	}
	if !indices && len(x.renamed) == 0 {
		return
	}
	exec := function(x.vm, "exec", 1, func(c goja.FunctionCall) goja.Value {
		input := toString(x.vm, c.Argument(0))
		result, ok := call(x.exec, c.This, input).(*goja.Object)
		if !ok {
			return goja.Null()
		}
		if indices {
			must(result.Set("indices", x.indices(input, int(result.Get("index").ToInteger()))))
		}
		x.mergeGroups(result)
		return result
	})
	must(o.DefineDataProperty("exec", exec, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE))
}

// escapeSlashes is EscapeRegExpPattern for what new RegExp may be given.
func escapeSlashes(source string) string {
	if !strings.ContainsAny(source, "/\n\r") {
		return source
	}
	var b strings.Builder
	class := false
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case c == '\\' && i+1 < len(source):
			b.WriteString(source[i : i+2])
			i++
			continue
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			b.WriteByte('\\')
		case c == '\n':
			b.WriteString(`\n`)
			continue
		case c == '\r':
			b.WriteString(`\r`)
			continue
		}
		b.WriteByte(source[i])
	}
	return b.String()
}

// mergeGroups puts what groups of the same name matched under that name.
func (x *expression) mergeGroups(result *goja.Object) {
	if len(x.renamed) == 0 {
		return
	}
	for _, name := range []string{"groups", "indices"} {
		groups, ok := result.Get(name).(*goja.Object)
		if name == "indices" && ok {
			groups, ok = groups.Get("groups").(*goja.Object)
		}
		if !ok {
			continue
		}
		for other, name := range x.renamed {
			if v := groups.Get(other); v != nil && !goja.IsUndefined(v) {
				must(groups.Set(name, v))
			}
			must(groups.Delete(other))
		}
	}
}

// indices is https://tc39.es/ecma262/#sec-makematchindicesindexpairarray. The engine tells
// where a match begins but not its groups, so the match is made again there.
func (x *expression) indices(input goja.String, at int) goja.Value {
	match, err := x.match(input, at)
	if err != nil {
		throwNew(x.vm, "Error", "The regular expression took too long: "+err.Error())
	}
	if match == nil {
		return goja.Undefined()
	}
	var list []any
	var groups *goja.Object
	for i, g := range match.Groups() {
		var pair goja.Value = goja.Undefined()
		if len(g.Captures) > 0 {
			pair = x.vm.NewArray(x.unit(g.RuneIndex), x.unit(g.RuneIndex+g.RuneLength))
		}
		list = append(list, pair)
		if _, err := strconv.Atoi(g.Name); err != nil && i > 0 {
			if groups == nil {
				groups = x.vm.CreateObject(nil)
			}
			must(groups.DefineDataProperty(g.Name, pair, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE))
		}
	}
	array := x.vm.NewArray(list...)
	var named goja.Value = goja.Undefined()
	if groups != nil {
		named = groups
	}
	must(array.Set("groups", named))
	return array
}

// unit is the code unit at which a character stands.
func (x *expression) unit(character int) int {
	if x.offset == nil {
		return character
	}
	return x.offset[character]
}

func (x *expression) match(input goja.String, at int) (*regexp2.Match, error) {
	unicode := strings.Contains(x.inner, "u")
	if x.matcher == nil {
		options := regexp2.RegexOptions(regexp2.ECMAScript)
		for flag, option := range map[string]regexp2.RegexOptions{"m": regexp2.Multiline, "s": regexp2.Singleline, "i": regexp2.IgnoreCase, "u": regexp2.Unicode} {
			if strings.Contains(x.inner, flag) {
				options |= option
			}
		}
		m, err := regexp2.Compile(patternCharacters(x.lowered, unicode), options)
		if err != nil {
			return nil, err
		}
		x.matcher = m
	}
	if x.input == nil || !x.input.StrictEquals(input) {
		x.read(input, unicode)
	}
	if x.inverse != nil {
		at = x.inverse[at]
	}
	return x.matcher.FindRunesMatchStartingAt(x.characters, at)
}

// read takes the text apart as the engine does: into code points with the u flag, else
// into code units.
func (x *expression) read(input goja.String, unicode bool) {
	n := input.Length()
	x.input, x.characters, x.offset, x.inverse = input, make([]rune, 0, n), nil, nil
	astral := false
	for i := 0; i < n; i++ {
		r := rune(input.CharAt(i))
		if unicode && utf16.IsSurrogate(r) && i+1 < n {
			if pair := utf16.DecodeRune(r, rune(input.CharAt(i+1))); pair != 0xFFFD {
				astral = true
				r = pair
				i++
			}
		}
		x.characters = append(x.characters, r)
	}
	if !astral {
		return
	}
	x.inverse = make([]int, n+1)
	units := 0
	for i, r := range x.characters {
		x.offset = append(x.offset, units)
		x.inverse[units] = i
		if units++; r > 0xFFFF {
			x.inverse[units] = i
			units++
		}
	}
	x.offset = append(x.offset, units)
	x.inverse[n] = len(x.characters)
}

// patternCharacters writes characters beyond U+FFFF as the pair that they are without
// the u flag.
func patternCharacters(pattern string, unicode bool) string {
	if unicode || strings.IndexFunc(pattern, func(r rune) bool { return r > 0xFFFF }) < 0 {
		return pattern
	}
	var b strings.Builder
	for _, r := range pattern {
		if r <= 0xFFFF {
			b.WriteRune(r)
			continue
		}
		high, low := utf16.EncodeRune(r)
		b.WriteString(`\u` + strconv.FormatInt(int64(high), 16) + `\u` + strconv.FormatInt(int64(low), 16))
	}
	return b.String()
}

// renameGroups gives groups of the same name, which the engine does not know, names of
// their own; a reference to the name is one to each, of which at most one has matched.
func renameGroups(pattern string) (string, map[string]string) {
	if strings.Count(pattern, "(?<") < 2 {
		return pattern, nil
	}
	count := map[string]int{}
	var renamed map[string]string
	eachGroup(pattern, func(name string, reference bool) string {
		if !reference {
			count[name]++
		}
		return ""
	})
	seen := map[string]int{}
	out := eachGroup(pattern, func(name string, reference bool) string {
		if count[name] < 2 {
			return ""
		}
		if renamed == nil {
			renamed = map[string]string{}
		}
		if reference {
			text := ""
			for i := range count[name] {
				text += `\k<` + alias(name, i) + ">"
			}
			return "(?:" + text + ")"
		}
		seen[name]++
		if seen[name] > 1 {
			renamed[alias(name, seen[name]-1)] = name
		}
		return "(?<" + alias(name, seen[name]-1) + ">"
	})
	return out, renamed
}

func alias(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "__" + strconv.Itoa(i+1)
}

// eachGroup replaces the beginnings of named groups and references to them by what
// replace gives, if anything.
func eachGroup(pattern string, replace func(name string, reference bool) string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); {
		rest := pattern[i:]
		size := 1
		group := !class && strings.HasPrefix(rest, "(?<") && len(rest) > 3 && rest[3] != '=' && rest[3] != '!'
		reference := !class && strings.HasPrefix(rest, `\k<`)
		switch {
		case group || reference:
			if end := strings.IndexByte(rest, '>'); end > 3 {
				size = end + 1
				if text := replace(rest[3:end], reference); text != "" {
					b.WriteString(text)
					i += size
					continue
				}
			}
		case rest[0] == '\\':
			size = min(2, len(rest))
		case rest[0] == '[':
			class = true
		case rest[0] == ']':
			class = false
		}
		b.WriteString(rest[:size])
		i += size
	}
	return b.String()
}
