package wpt

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"regexp"
	"strings"
	"time"
)

const harnessPath = "resources/testharness.js"

// origin is where a test believes to come from.
const origin = "https://web-platform.test/"

//go:embed harness.js
var frame string

//go:embed environment.js
var environment string

// timeouts of tests: normal ones and those that say they are long.
const (
	timeout     = 10 * time.Second
	longTimeout = 60 * time.Second
)

// limit is how long the test may take.
func (t *Test) limit() time.Duration {
	if t.Long {
		return longTimeout
	}
	return timeout
}

// A program is a service-worker script that runs one variant of a test and answers
// with the results as JSON.
func program(checkout fs.FS, t *Test, variant string) (string, error) {
	harness, err := fs.ReadFile(checkout, harnessPath)
	if err != nil {
		return "", err
	}
	// The harness looks at the global object to tell what kind of browser page it is in.
	// A worker at the edge is none; the harness calls that a shell.
	const choice = "function create_test_environment() {"
	if !strings.Contains(string(harness), choice) {
		return "", fmt.Errorf("%s has no %s", harnessPath, choice)
	}
	shell := strings.Replace(string(harness), choice, choice+" return new ShellTestEnvironment();", 1)

	var code strings.Builder
	if strict.MatchString(comment.ReplaceAllString(t.source, "")) {
		code.WriteString("\"use strict\";\n")
	}
	texts := []string{t.source}
	for _, s := range t.Scripts {
		b, err := readScript(checkout, t, s)
		if err != nil {
			return "", err
		}
		text := string(b)
		if s == idlHarness {
			text = evaluated(t, text)
		}
		code.WriteString(text)
		code.WriteString("\n;\n")
		texts = append(texts, text)
	}
	code.WriteString(t.source)

	list, err := json.Marshal(resources(checkout, t, texts))
	if err != nil {
		return "", err
	}
	surroundings := fill(environment, map[string]string{
		`/*<base>*/ ""`:      fmt.Sprintf("%q", origin+t.Path+variant),
		"/*<resources>*/ {}": string(list),
	})
	return fill(frame, map[string]string{
		"/*<timeout>*/ 0":   fmt.Sprint(t.limit().Milliseconds()),
		"/*<harness>*/":     shell,
		"/*<environment>*/": surroundings,
		"/*<test>*/":        code.String(),
	}), nil
}

const idlHarness = "/resources/idlharness.js"

var (
	objectLists = regexp.MustCompile(`(?s)\badd_objects\((.*?)\)\s*;`)
	quoted      = regexp.MustCompile(`'[^'\n]*'|"[^"\n]*"`)
)

// evaluated makes idlharness.js take the objects that it tests from functions instead of
// evaluating the expressions that a test gives as strings, which workers refuse.
func evaluated(t *Test, harness string) string {
	var b strings.Builder
	b.WriteString("const __expressions = {\n")
	seen := map[string]bool{}
	for _, list := range objectLists.FindAllStringSubmatch(t.source, -1) {
		for _, literal := range quoted.FindAllString(list[1], -1) {
			if !seen[literal] {
				seen[literal] = true
				fmt.Fprintf(&b, "\t[%s]: () => (%s),\n", literal, literal[1:len(literal)-1])
			}
		}
	}
	b.WriteString("};\n")
	return b.String() + strings.Replace(harness, "eval(desc)", "__expressions[desc]()", 1)
}

// strict matches a script that begins with the directive.
var strict = regexp.MustCompile(`^\s*['"]use strict['"]`)

// fill replaces what is named in a template, once each. The parts are not looked into.
func fill(template string, parts map[string]string) string {
	pairs := make([]string, 0, 2*len(parts))
	for mark, text := range parts {
		pairs = append(pairs, mark, text)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// served are files that the WPT server gives another name.
var served = map[string]string{
	"resources/WebIDLParser.js": "resources/webidl2/lib/webidl2.js",
}

// readScript reads a script that a META comment names.
func readScript(checkout fs.FS, t *Test, name string) ([]byte, error) {
	p := resolve(t, name)
	if other, ok := served[p]; ok {
		p = other
	}
	b, err := fs.ReadFile(checkout, p)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Path, err)
	}
	return b, nil
}

// resolve is the path in the checkout of what a test names.
func resolve(t *Test, name string) string {
	name, _, _ = strings.Cut(name, "?")
	if rest, ok := strings.CutPrefix(name, "/"); ok {
		return path.Clean(rest)
	}
	return path.Join(path.Dir(t.Path), name)
}

// A resource is a file that a test fetches.
type resource struct {
	Type   string `json:"type"`
	Base64 string `json:"base64"`
}

var literal = regexp.MustCompile("[\"'`]([^\"'`\\s<>${}]{1,200})[\"'`]")

// maxResource bounds the files that are inlined; none that tests fetch is larger.
const maxResource = 4 << 20

// resources finds the files that are named by string literals in a test and its
// scripts, by the path at which the test fetches them.
func resources(checkout fs.FS, t *Test, texts []string) map[string]resource {
	found := map[string]resource{}
	add := func(name string) {
		p := resolve(t, name)
		ext := path.Ext(p)
		if _, ok := found["/"+p]; ok || !fs.ValidPath(p) || ext == "" || ext == ".js" || ext == ".py" {
			return
		}
		info, err := fs.Stat(checkout, p)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxResource {
			return
		}
		b, err := fs.ReadFile(checkout, p)
		if err != nil {
			return
		}
		kind := mime.TypeByExtension(ext)
		if kind == "" {
			kind = "text/plain"
		}
		found["/"+p] = resource{Type: kind, Base64: base64.StdEncoding.EncodeToString(b)}
	}
	for _, text := range texts {
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			add(m[1])
		}
	}
	if strings.Contains(t.source, "idl_test(") {
		for _, m := range literal.FindAllStringSubmatch(t.source, -1) {
			add("/interfaces/" + m[1] + ".idl")
		}
	}
	return found
}
