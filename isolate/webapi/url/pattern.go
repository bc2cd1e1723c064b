package url

import (
	"errors"
	"strconv"
)

// Pattern is a compiled URL pattern: https://urlpattern.spec.whatwg.org/#url-pattern-struct.
// It does not change once made; many goroutines may match with it at once if the
// regular expressions of its [RegExpCompiler] allow that.
type Pattern struct {
	components [components]component
}

// PatternOptions change how a pattern is compiled. Nil stands for the zero value.
type PatternOptions struct {
	// IgnoreCase makes pathname, search and hash match in any case.
	IgnoreCase bool
	// RegExp compiles the regular expressions of components that have one. If
	// it is nil, they are compiled by Go's regexp package and must be in the
	// syntax that both languages have.
	RegExp RegExpCompiler
}

// PatternError says why a pattern is not valid.
type PatternError struct {
	Where   string // the name of the component with the problem, if it is known
	Pattern string // the text that is not valid
	Reason  string
}

func (e *PatternError) Error() string {
	where := ""
	if e.Where != "" {
		where = " in " + e.Where
	}
	return "invalid URL pattern" + where + ": " + strconv.Quote(e.Pattern) + ": " + e.Reason
}

// inComponent adds to err where the problem is.
func inComponent(err error, c Component) error {
	var e *PatternError
	if errors.As(err, &e) && e.Where == "" {
		e.Where = c.String()
	}
	return err
}

// ParsePattern compiles a pattern that is written like a URL. The base URL may
// be nil if the pattern has a protocol. The error is a [*PatternError].
// https://urlpattern.spec.whatwg.org/#url-pattern-create
func ParsePattern(input string, baseURL *string, options *PatternOptions) (*Pattern, error) {
	var compile RegExpCompiler
	if options != nil {
		compile = options.RegExp
	}
	init, err := parseConstructorString(input, compile)
	if err != nil {
		return nil, err
	}
	if baseURL != nil {
		init.Set(ComponentBaseURL, *baseURL)
	} else if !init.Has(ComponentProtocol) {
		return nil, &PatternError{Pattern: input, Reason: "relative pattern without a base URL"}
	}
	return NewPattern(&init, options)
}

// NewPattern compiles a pattern given by its components; those left out match
// everything. The error is a [*PatternError].
// https://urlpattern.spec.whatwg.org/#url-pattern-create
func NewPattern(init *PatternInit, options *PatternOptions) (*Pattern, error) {
	var o PatternOptions
	if options != nil {
		o = *options
	}
	processed, err := init.process(true)
	if err != nil {
		return nil, err
	}
	for c := range components {
		if !processed.Has(c) {
			processed.Set(c, "*")
		}
	}
	values := &processed.values
	if port := schemeOf(values[ComponentProtocol]).defaultPort(); port != noPort && values[ComponentPort] == strconv.Itoa(int(port)) {
		values[ComponentPort] = ""
	}
	p := new(Pattern)
	for c := range components {
		encode, settings := p.encoding(c, values[c])
		settings.ignoreCase = o.IgnoreCase && c >= ComponentPathname
		if p.components[c], err = compileComponent(values[c], encode, settings, o.RegExp); err != nil {
			return nil, inComponent(err, c)
		}
	}
	return p, nil
}

// encoding is how the literal text of a component is canonicalized and what its
// segments are. That of the pathname depends on the protocol compiled before it.
func (p *Pattern) encoding(c Component, pattern string) (func(string) (string, error), patternOptions) {
	switch c {
	case ComponentProtocol:
		return canonicalizeProtocol, patternOptions{}
	case ComponentUsername, ComponentPassword:
		return canonicalizeCredential, patternOptions{}
	case ComponentHostname:
		if isIPv6Pattern(pattern) {
			return canonicalizeIPv6Hostname, patternOptions{delimiter: "."}
		}
		return canonicalizeHostname, patternOptions{delimiter: "."}
	case ComponentPort:
		return func(value string) (string, error) { return canonicalizePort(value, "") }, patternOptions{}
	case ComponentPathname:
		if p.components[ComponentProtocol].matchesSpecialScheme() {
			return canonicalizePathname, patternOptions{delimiter: "/", prefix: "/"}
		}
		return canonicalizeOpaquePathname, patternOptions{}
	case ComponentSearch:
		return canonicalizeSearch, patternOptions{}
	}
	return canonicalizeHash, patternOptions{}
}

// https://urlpattern.spec.whatwg.org/#hostname-pattern-is-an-ipv6-address
func isIPv6Pattern(s string) bool {
	return len(s) >= 2 && (s[0] == '[' || (s[0] == '{' || s[0] == '\\') && s[1] == '[')
}

// Component is the normalized pattern string of one component.
func (p *Pattern) Component(c Component) string { return p.components[c].pattern }

// HasRegExpGroups is https://urlpattern.spec.whatwg.org/#dom-urlpattern-hasregexpgroups.
func (p *Pattern) HasRegExpGroups() bool {
	for c := range p.components {
		if p.components[c].hasRegExp {
			return true
		}
	}
	return false
}

// PatternResult is what a pattern matched, without the inputs.
// https://urlpattern.spec.whatwg.org/#dictdef-urlpatternresult
type PatternResult [components]ComponentResult

// ComponentResult is what one component matched. Groups[i] is the group that
// is called Names[i]; both are in the order of the pattern. Names must not be
// changed.
type ComponentResult struct {
	Input  string
	Names  []string
	Groups []Group
}

// Test reports whether the URL matches; input may be relative to baseURL.
// https://urlpattern.spec.whatwg.org/#dom-urlpattern-test
func (p *Pattern) Test(input string, baseURL *string) bool {
	var values [components]string
	return urlValues(input, baseURL, &values) && p.match(&values, nil)
}

// TestInit is Test for a URL given by its components.
func (p *Pattern) TestInit(init *PatternInit) bool {
	processed, err := init.process(false)
	return err == nil && p.match((*[components]string)(processed.values[:]), nil)
}

// Exec matches as Test does and returns the groups, or nil.
// https://urlpattern.spec.whatwg.org/#dom-urlpattern-exec
func (p *Pattern) Exec(input string, baseURL *string) *PatternResult {
	var values [components]string
	if !urlValues(input, baseURL, &values) {
		return nil
	}
	return p.exec(&values)
}

// ExecInit is Exec for a URL given by its components.
func (p *Pattern) ExecInit(init *PatternInit) *PatternResult {
	processed, err := init.process(false)
	if err != nil {
		return nil
	}
	return p.exec((*[components]string)(processed.values[:]))
}

func (p *Pattern) exec(values *[components]string) *PatternResult {
	result := new(PatternResult)
	if !p.match(values, result) {
		return nil
	}
	return result
}

// urlValues parses a URL and takes it apart.
func urlValues(input string, baseURL *string, values *[components]string) bool {
	var base *Record
	if baseURL != nil {
		base = new(Record)
		if base.parse(*baseURL, nil) != ok {
			return false
		}
	}
	var r Record
	if r.parse(input, base) != ok {
		return false
	}
	query, _ := r.Query()
	fragment, _ := r.Fragment()
	*values = [components]string{
		r.href[:r.schemeEnd], r.Username(), r.Password(), r.Hostname(), r.Port(), r.Pathname(), query, fragment,
	}
	return true
}

// match is https://urlpattern.spec.whatwg.org/#url-pattern-match. The result may
// be nil; it is only complete if match returns true.
func (p *Pattern) match(values *[components]string, result *PatternResult) bool {
	for c := range p.components {
		var groups *[]Group
		if result != nil {
			result[c].Input, result[c].Names = values[c], p.components[c].names
			groups = &result[c].Groups
		}
		if !p.components[c].match(values[c], groups) {
			return false
		}
	}
	return true
}
