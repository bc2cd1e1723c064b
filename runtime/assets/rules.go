package assets

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Limits of the rule files, as on Cloudflare.
const (
	maxRedirects = 2100
	maxHeaders   = 100
	maxRuleLine  = 2000 // bytes
)

// A rule's pattern: a path in which * stands for any text and :name for one segment.
type pattern struct {
	text  string
	exact bool
	re    *regexp.Regexp
}

var placeholder = regexp.MustCompile(`:[A-Za-z][A-Za-z0-9_]*`)

func parsePattern(text string) (pattern, error) {
	if !strings.HasPrefix(text, "/") {
		return pattern{}, fmt.Errorf("%q must be a path that begins with /", text)
	}
	if strings.Count(text, "*") > 1 {
		return pattern{}, fmt.Errorf("%q has more than one *", text)
	}
	if !strings.ContainsAny(text, "*:") {
		return pattern{text: text, exact: true}, nil
	}
	var b strings.Builder
	b.WriteByte('^')
	rest, seen := text, map[string]bool{}
	for rest != "" {
		i := strings.IndexAny(rest, "*:")
		if i < 0 {
			break
		}
		b.WriteString(regexp.QuoteMeta(rest[:i]))
		rest = rest[i:]
		if rest[0] == '*' {
			b.WriteString("(?P<splat>.*)")
			rest = rest[1:]
			continue
		}
		name := placeholder.FindString(rest)
		if !strings.HasPrefix(rest, name) || name == "" {
			b.WriteString(regexp.QuoteMeta(rest[:1]))
			rest = rest[1:]
			continue
		}
		if seen[name] {
			return pattern{}, fmt.Errorf("%q uses %s twice", text, name)
		}
		seen[name] = true
		b.WriteString("(?P<" + name[1:] + ">[^/]+)")
		rest = rest[len(name):]
	}
	b.WriteString(regexp.QuoteMeta(rest) + "$")
	re, err := regexp.Compile(b.String())
	if err != nil {
		return pattern{}, fmt.Errorf("%q: %w", text, err)
	}
	return pattern{text: text, re: re}, nil
}

// match returns what the placeholders stand for.
func (p *pattern) match(path string) (map[string]string, bool) {
	if p.exact {
		return nil, p.text == path
	}
	m := p.re.FindStringSubmatch(path)
	if m == nil {
		return nil, false
	}
	values := map[string]string{}
	for i, name := range p.re.SubexpNames() {
		if name != "" {
			values[name] = m[i]
		}
	}
	return values, true
}

func fill(text string, values map[string]string) string {
	if len(values) == 0 {
		return text
	}
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		if v, ok := values[name[1:]]; ok {
			return v
		}
		return name
	})
}

// redirect is one line of _redirects.
type redirect struct {
	from   pattern
	to     string
	status int
}

func (r *redirect) apply(path string) (string, bool) {
	values, ok := r.from.match(path)
	if !ok {
		return "", false
	}
	return fill(r.to, values), true
}

// parseRedirects reads the text of a _redirects file: "from to [status]" lines.
// https://developers.cloudflare.com/workers/static-assets/redirects/
func parseRedirects(text string) ([]redirect, error) {
	var list []redirect
	for n, line := range lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		bad := func(format string, args ...any) error {
			return fmt.Errorf("_redirects line %d: %s", n+1, fmt.Sprintf(format, args...))
		}
		if len(fields) < 2 || len(fields) > 3 {
			return nil, bad("%d fields, want: from to [status]", len(fields))
		}
		from, err := parsePattern(fields[0])
		if err != nil {
			return nil, bad("%v", err)
		}
		r := redirect{from: from, to: fields[1], status: 302}
		if !strings.HasPrefix(r.to, "/") && !strings.HasPrefix(r.to, "https://") && !strings.HasPrefix(r.to, "http://") {
			return nil, bad("%q must be a path or an http or https URL", r.to)
		}
		if len(fields) == 3 {
			r.status, _ = strconv.Atoi(fields[2])
			switch r.status {
			case 301, 302, 303, 307, 308:
			case 200:
				if !strings.HasPrefix(r.to, "/") {
					return nil, bad("status 200 needs a path, not %q", r.to)
				}
			default:
				return nil, bad("status %q must be 200, 301, 302, 303, 307 or 308", fields[2])
			}
		}
		if list = append(list, r); len(list) > maxRedirects {
			return nil, bad("more than %d redirects", maxRedirects)
		}
	}
	return list, nil
}

// headerRule is one block of _headers.
type headerRule struct {
	path   pattern
	set    [][2]string // lower-case name and value
	remove []string
}

// parseHeaders reads the text of a _headers file: a path, then indented "name: value"
// lines, or "! name" to take one of an earlier rule away.
// https://developers.cloudflare.com/workers/static-assets/headers/
func parseHeaders(text string) ([]headerRule, error) {
	var list []headerRule
	for n, line := range lines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			continue
		}
		bad := func(format string, args ...any) error {
			return fmt.Errorf("_headers line %d: %s", n+1, fmt.Sprintf(format, args...))
		}
		if line[0] != ' ' && line[0] != '\t' {
			p, err := parsePattern(trimmed)
			if err != nil {
				return nil, bad("%v", err)
			}
			if list = append(list, headerRule{path: p}); len(list) > maxHeaders {
				return nil, bad("more than %d rules", maxHeaders)
			}
			continue
		}
		if len(list) == 0 {
			return nil, bad("a header before the first path")
		}
		rule := &list[len(list)-1]
		if name, ok := strings.CutPrefix(trimmed, "!"); ok {
			rule.remove = append(rule.remove, strings.ToLower(strings.TrimSpace(name)))
			continue
		}
		name, value, ok := strings.Cut(trimmed, ":")
		if !ok || !isToken(name) {
			return nil, bad("%q must be \"name: value\"", trimmed)
		}
		rule.set = append(rule.set, [2]string{strings.ToLower(name), strings.TrimSpace(value)})
	}
	return list, nil
}

func isToken(s string) bool {
	for _, c := range s {
		if c <= ' ' || c > '~' || strings.ContainsRune("()<>@,;:\\\"/[]?={}", c) {
			return false
		}
	}
	return s != ""
}

// lines yields the lines of a rule file without comments; a line that is too long is cut.
func lines(text string) []string {
	all := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range all {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			line = ""
		}
		all[i] = line[:min(len(line), maxRuleLine)]
	}
	return all
}

// Headers returns the fields that the _headers file adds to an answer at a path, which
// is the request's. Values of one name are joined.
func (s *Site) Headers(path string) [][2]string {
	var fields [][2]string
	for _, rule := range s.headers {
		values, ok := rule.path.match(path)
		if !ok {
			continue
		}
		for _, name := range rule.remove {
			fields = without(fields, name)
		}
	next:
		for _, h := range rule.set {
			value := fill(h[1], values)
			for i := range fields {
				if fields[i][0] == h[0] {
					fields[i][1] += ", " + value
					continue next
				}
			}
			fields = append(fields, [2]string{h[0], value})
		}
	}
	return fields
}

func without(fields [][2]string, name string) [][2]string {
	kept := fields[:0]
	for _, f := range fields {
		if f[0] != name {
			kept = append(kept, f)
		}
	}
	return kept
}
