package compiler

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/evanw/esbuild/pkg/api"
)

// esbuild takes import("./" + x) and require("./" + x) for globs over the file
// system and walks it, asking no plugin. So no module with a computed specifier
// reaches it as written: such calls are renamed to functions that look the
// specifier up among the uploaded modules at run time.

// dynamicPrefix begins the specifier of the module that does the look-up.
const dynamicPrefix = "mayfly:dynamic/"

// mayComputeImports reports whether a text may contain an import() or require()
// of anything but one plain string. It errs on the side of true.
func mayComputeImports(text string) bool {
	return computes(text, "import") || computes(text, "require") || escapesRequire(text)
}

func computes(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		i += at
		at = i + len(word)
		if i > 0 {
			// Part of another word, or a property other than through "...".
			if c := text[i-1]; c < utf8.RuneSelf && c != '\\' && isWordByte(c) || c == '#' || c == '.' && (i < 2 || text[i-2] != '.') {
				continue
			}
		}
		rest := text[at:]
		if rest != "" && rest[0] < utf8.RuneSelf && rest[0] != '\\' && isWordByte(rest[0]) {
			continue
		}
		rest = strings.TrimLeft(rest, " \t\r\n")
		if !plainImport(word, rest) {
			return true
		}
	}
}

// plainImport reports whether what follows the word is harmless.
func plainImport(word, rest string) bool {
	if rest == "" {
		return true
	}
	switch c := rest[0]; {
	case c == '(':
		rest = strings.TrimLeft(rest[1:], " \t\r\n")
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return false
		}
		end := strings.IndexAny(rest[1:], "\\\n"+rest[:1])
		if end < 0 || rest[1+end] != rest[0] {
			return false
		}
		rest = strings.TrimLeft(rest[end+2:], " \t\r\n")
		return rest != "" && (rest[0] == ')' || rest[0] == ',')
	case word == "import":
		switch c {
		case '.':
			return strings.HasPrefix(strings.TrimLeft(rest[1:], " \t\r\n"), "meta")
		case '/', '\\':
			return false
		}
		return c < utf8.RuneSelf
	case c == '!':
		return strings.HasPrefix(rest, "!=")
	}
	return strings.IndexByte(";,=&|:}].\"'`", rest[0]) >= 0 // not a call, however it goes on
}

// escapesRequire reports whether an escape in the text may spell a letter of "require".
func escapesRequire(text string) bool {
	for {
		i := strings.Index(text, `\u`)
		if i < 0 {
			return false
		}
		text = text[i+2:]
		digits := strings.TrimLeft(strings.TrimPrefix(text, "{"), "0")
		if len(digits) >= 2 {
			switch strings.ToLower(digits[:2]) {
			case "72", "65", "71", "75", "69":
				return true
			}
		}
	}
}

// rewriteImports returns the module as plain JavaScript without computed
// specifiers, and the map from it to the text given.
func rewriteImports(key, text string, loader api.Loader) (string, *sourceMap, error) {
	load, require := freshName(text, "$impo"), freshName(text, "$requi")
	result := api.Transform(text, api.TransformOptions{
		Loader: loader, Target: api.ESNext, Charset: api.CharsetUTF8, Platform: api.PlatformNeutral,
		Define: map[string]string{"require": require}, LegalComments: api.LegalCommentsNone,
		Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentExclude,
		LogLevel: api.LogLevelSilent, LogLimit: 20, Sourcefile: uploadSpace + ":" + key, TsconfigRaw: "{}",
	})
	if len(result.Errors) > 0 {
		return "", nil, diagnose(result.Errors)
	}
	code := []byte(result.Code)
	used, err := renameCalls(key, code, load, require)
	if err != nil {
		return "", nil, err
	}
	sm, perr := parseMap(result.Map)
	if perr != nil {
		sm = &sourceMap{}
	}
	var b strings.Builder
	b.Write(code)
	look := quote(dynamicPrefix + key)
	if used.load {
		fmt.Fprintf(&b, "function %s(s){return require(%s).load(s)}\n", load, look)
	}
	if used.require {
		fmt.Fprintf(&b, "function %s(s){return require(%s).require(s)}\n", require, look)
	}
	b.WriteString(mapComment + "none:\n")
	return b.String(), sm, nil
}

// freshName returns head and one more character, a name not in the text. Names
// keep the length of what they replace, so that columns do not move.
func freshName(text, head string) string {
	for _, c := range "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$" {
		if name := head + string(c); !strings.Contains(text, name) {
			return name
		}
	}
	return head + "0"
}

type dynamicUse struct{ load, require bool }

// tokenList is scanned code for looking ahead.
type tokenList struct {
	code   string
	tokens []token
	depths []int // after each token
}

func scanTokens(code string) *tokenList {
	s := newScanner(code)
	out := &tokenList{code: code}
	for t := s.next(); t.kind != tokEnd; t = s.next() {
		out.tokens = append(out.tokens, t)
		out.depths = append(out.depths, s.depth())
	}
	return out
}

// text returns token i, "" beyond the end.
func (s *tokenList) text(i int) string {
	if i >= len(s.tokens) {
		return ""
	}
	return s.code[s.tokens[i].start:s.tokens[i].end]
}

// method reports whether the parenthesis token i opens the parameters of a
// method: a body follows the one that closes it.
func (s *tokenList) method(i int) bool {
	for k := i + 1; k < len(s.tokens); k++ {
		if s.depths[k] < s.depths[i] {
			return s.text(k+1) == "{"
		}
	}
	return false
}

// call reports whether token i, a name, is called, and whether with one plain string first.
func (s *tokenList) call(i int) (called, plain bool) {
	i++
	if s.text(i) == "?." {
		i++
	}
	if s.text(i) != "(" || s.method(i) {
		return false, true
	}
	if i+1 < len(s.tokens) && s.tokens[i+1].kind == tokString {
		after := s.text(i + 2)
		plain = after == ")" || after == ","
	}
	return true, plain
}

// renameCalls overwrites, in code that esbuild printed, import in computed
// import() by load, and require by its own name again where it is not computed.
func renameCalls(key string, code []byte, load, require string) (used dynamicUse, err error) {
	s := scanTokens(string(code))
	for i, t := range s.tokens {
		word := s.text(i)
		if t.kind != tokWord || t.member || word != "import" && word != require {
			continue
		}
		if word == "import" && s.text(i+1) == "." && s.text(i+2) != "meta" {
			d := place(key, s.code, t.start, "import.%s() is not supported", s.text(i+2))
			return used, &Error{Diagnostics: []Diagnostic{d}}
		}
		called, plain := s.call(i)
		switch {
		case word == "import" && called && !plain:
			used.load = true
			copy(code[t.start:], load)
		case word == require && !(called && !plain):
			copy(code[t.start:], "require")
		case word == require:
			used.require = true
		}
	}
	return used, nil
}

// dynamic is the module behind computed specifiers in one importing module.
func (l *linker) dynamic(importer string) string {
	var b strings.Builder
	b.WriteString("const modules = {__proto__: null,\n")
	var keys []string
	for key, m := range l.modules {
		if m.Kind != SourceMap {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		fmt.Fprintf(&b, "%s: () => import(%s),\n", quote(key), quote("./"+key))
	}
	fmt.Fprintf(&b, `};
const find = (specifier) => {
  const path = specifier.startsWith("./") || specifier.startsWith("../") ? %s.split("/").slice(0, -1) : [];
  for (const part of specifier.split("/")) {
    if (part === "..") path.pop();
    else if (part !== "" && part !== ".") path.push(part);
  }
  return path.join("/");
};
exports.load = async (specifier) => {
  specifier = String(specifier);
  const load = modules[find(specifier)];
  if (load) return load();
  const module = __host(specifier);
  return Object.assign({__proto__: null, default: module}, module);
};
exports.require = (specifier) => __host(String(specifier));
`, quote(importer))
	return b.String()
}

// wrapClassic finishes what esbuild made of a service-worker script: a computed
// or plain import() in it has nothing to import.
func wrapClassic(key string, code string) ([]byte, error) {
	out := []byte(code)
	load := freshName(code, "$impo")
	used := false
	s := scanTokens(code)
	for i, t := range s.tokens {
		word, next := s.text(i), s.text(i+1)
		if t.kind != tokWord || t.member || word != "import" && word != "export" {
			continue
		}
		if word == "import" && next == "(" {
			if called, _ := s.call(i); called {
				used = true
				copy(out[t.start:], load)
			}
			continue
		}
		if t.statement && next != ":" && next != "." {
			text := "Cannot use import statement outside a module"
			if word == "export" {
				text = "Unexpected token 'export'"
			}
			return nil, &Error{Diagnostics: []Diagnostic{{File: key, Text: text, Notes: []string{
				"the script was uploaded in service-worker syntax; upload it as an ES module to import and export",
			}}}}
		}
	}
	end := strings.LastIndex(string(out), footer)
	if end < 0 {
		return nil, failure("internal error: the script lost its wrapper")
	}
	tail := "\n"
	if used {
		tail = fmt.Sprintf("\nasync function %s(s){throw new Error('No such module \"'+s+'\".')}\n", load)
	}
	return append(out[:end:end], tail+footer+"\n"...), nil
}

// quote writes a JavaScript string literal.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(b)
}
