package url

import "strings"

// component is a compiled component of a pattern. It matches with its regular
// expression, except for the shapes that most patterns have: literal text, one
// wildcard, and a route such as /users/:id/files/*.
// https://urlpattern.spec.whatwg.org/#component
type component struct {
	pattern   string   // the pattern string, normalized
	names     []string // of the groups
	steps     []step
	delimiter byte   // that ends a segment step
	re        RegExp // nil if steps decide
	hasRegExp bool   // a group is a regular expression
}

// step is a piece of a route: text, and then a group unless kind is partFixedText.
type step struct {
	text string
	kind partKind
}

// compileComponent is https://urlpattern.spec.whatwg.org/#compile-a-component.
func compileComponent(pattern string, encode func(string) (string, error), options patternOptions, compile RegExpCompiler) (component, error) {
	parts, err := parsePattern(pattern, &options, encode)
	if err != nil {
		return component{}, err
	}
	c := component{pattern: generatePattern(parts, &options)}
	var optional []int
	for i := range parts {
		if parts[i].kind != partFixedText {
			if parts[i].modifier == '?' && parts[i].prefix == "" && parts[i].suffix == "" {
				optional = append(optional, len(c.names))
			}
			c.names = append(c.names, parts[i].name)
		}
		c.hasRegExp = c.hasRegExp || parts[i].kind == partRegExp
	}
	if steps, is := routeSteps(parts, &options); is {
		c.steps = steps
		if options.delimiter != "" {
			c.delimiter = options.delimiter[0]
		}
		return c, nil
	}
	segment := options.segmentWildcard()
	if c.hasRegExp && compile != nil {
		c.re, err = compile(generateRegExp(parts, segment), options.ignoreCase)
	} else {
		// Wildcards alone need nothing that Go's engine lacks.
		if options.delimiter == "" {
			segment = "(?s:.)+?"
		}
		c.re, err = compileGoRegExp(generateRegExp(parts, segment), options.ignoreCase, optional)
	}
	if err != nil {
		return component{}, &PatternError{Pattern: pattern, Reason: err.Error()}
	}
	return c, nil
}

// routeSteps makes steps of parts whose match needs no backtracking: no
// modifiers, nothing after a full wildcard, and after a segment wildcard the end
// or a text that starts with the delimiter.
func routeSteps(parts []part, options *patternOptions) (steps []step, is bool) {
	if options.ignoreCase {
		return nil, false
	}
	text := ""
	for i := range parts {
		p := &parts[i]
		if p.modifier != 0 || p.kind == partRegExp {
			return nil, false
		}
		if p.kind == partFixedText {
			text += p.value
			continue
		}
		steps = append(steps, step{text + p.prefix, p.kind})
		text = p.suffix
	}
	if text != "" || len(steps) == 0 {
		steps = append(steps, step{text, partFixedText})
	}
	for i, s := range steps[:len(steps)-1] {
		next := steps[i+1].text
		if s.kind == partFullWildcard || options.delimiter == "" || !strings.HasPrefix(next, options.delimiter) {
			return nil, false
		}
	}
	return steps, true
}

// match reports whether the component matches the whole input. If groups is not
// nil, what the groups matched is appended to it.
func (c *component) match(input string, groups *[]Group) bool {
	if c.re != nil {
		found, matched := c.re.Exec(input)
		if matched && groups != nil {
			*groups = append(*groups, found...)
		}
		return matched
	}
	rest := input
	for _, s := range c.steps {
		if !strings.HasPrefix(rest, s.text) {
			return false
		}
		rest = rest[len(s.text):]
		end := 0
		switch s.kind {
		case partFixedText:
			continue
		case partSegmentWildcard:
			if end = len(rest); c.delimiter != 0 {
				if i := strings.IndexByte(rest, c.delimiter); i >= 0 {
					end = i
				}
			}
			if end == 0 {
				return false
			}
		case partFullWildcard:
			end = len(rest)
		}
		if groups != nil {
			*groups = append(*groups, Group{rest[:end], true})
		}
		rest = rest[end:]
	}
	return rest == ""
}

// matchesSpecialScheme is https://urlpattern.spec.whatwg.org/#protocol-component-matches-a-special-scheme.
func (c *component) matchesSpecialScheme() bool {
	for _, name := range [...]string{"http", "https", "ws", "wss", "ftp", "file"} {
		if c.match(name, nil) {
			return true
		}
	}
	return false
}
