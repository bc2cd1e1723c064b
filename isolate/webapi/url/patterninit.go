package url

import "strings"

// Component names a component of a URL pattern.
type Component uint8

// The components, in the order of the standard. ComponentBaseURL is only a
// member of a [PatternInit].
const (
	ComponentProtocol Component = iota
	ComponentUsername
	ComponentPassword
	ComponentHostname
	ComponentPort
	ComponentPathname
	ComponentSearch
	ComponentHash
	ComponentBaseURL

	components = ComponentBaseURL // how many a pattern has
)

// String is the name of the attribute or dictionary member.
func (c Component) String() string {
	return [...]string{"protocol", "username", "password", "hostname", "port", "pathname", "search", "hash", "baseURL"}[c]
}

// PatternInit is the dictionary URLPatternInit. The zero value has no members.
// https://urlpattern.spec.whatwg.org/#dictdef-urlpatterninit
type PatternInit struct {
	values  [ComponentBaseURL + 1]string
	present uint16
}

// Set sets a member.
func (i *PatternInit) Set(c Component, value string) {
	i.values[c] = value
	i.present |= 1 << c
}

// Get is the value of a member and whether it exists.
func (i *PatternInit) Get(c Component) (value string, present bool) {
	return i.values[c], i.Has(c)
}

// Has reports whether one of the members exists.
func (i *PatternInit) Has(members ...Component) bool {
	for _, c := range members {
		if i.present&(1<<c) != 0 {
			return true
		}
	}
	return false
}

// process inherits from the base URL and prepares the members: as patterns, or
// else as the components of a URL, canonicalized.
// https://urlpattern.spec.whatwg.org/#process-a-urlpatterninit
func (i *PatternInit) process(asPattern bool) (PatternInit, error) {
	var result PatternInit
	var base *Record
	inherited := func(value string) string {
		if asPattern {
			return escapePattern(value)
		}
		return value
	}
	if text, present := i.Get(ComponentBaseURL); present {
		var err error
		if base, err = Parse(text, nil); err != nil {
			return result, &PatternError{Where: ComponentBaseURL.String(), Pattern: text, Reason: err.(*Error).Failure.String()}
		}
		// A component is inherited unless one that is at least as specific exists.
		query, _ := base.Query()
		fragment, _ := base.Fragment()
		for c, from := range [components]struct {
			value   string
			inherit bool
		}{
			ComponentProtocol: {base.href[:base.schemeEnd], !i.Has(ComponentProtocol)},
			ComponentUsername: {base.Username(), !asPattern && !i.Has(ComponentProtocol, ComponentHostname, ComponentPort, ComponentUsername)},
			ComponentPassword: {base.Password(), !asPattern && !i.Has(ComponentProtocol, ComponentHostname, ComponentPort, ComponentUsername, ComponentPassword)},
			ComponentHostname: {base.Hostname(), !i.Has(ComponentProtocol, ComponentHostname)},
			ComponentPort:     {base.Port(), !i.Has(ComponentProtocol, ComponentHostname, ComponentPort)},
			ComponentPathname: {base.Pathname(), !i.Has(ComponentProtocol, ComponentHostname, ComponentPort, ComponentPathname)},
			ComponentSearch:   {query, !i.Has(ComponentProtocol, ComponentHostname, ComponentPort, ComponentPathname, ComponentSearch)},
			ComponentHash:     {fragment, !i.Has(ComponentProtocol, ComponentHostname, ComponentPort, ComponentPathname, ComponentSearch, ComponentHash)},
		} {
			if from.inherit {
				result.Set(Component(c), inherited(from.value))
			}
		}
	}
	for c := range components {
		value, present := i.Get(c)
		if !present {
			continue
		}
		switch c {
		case ComponentProtocol:
			value = strings.TrimSuffix(value, ":")
		case ComponentPathname:
			if base != nil && !base.opaque && !isAbsolutePathname(value, asPattern) {
				path := inherited(base.Pathname())
				value = path[:strings.LastIndexByte(path, '/')+1] + value
			}
		case ComponentSearch:
			value = strings.TrimPrefix(value, "?")
		case ComponentHash:
			value = strings.TrimPrefix(value, "#")
		}
		if !asPattern {
			var err error
			if value, err = canonicalize(c, value, result.values[ComponentProtocol]); err != nil {
				return result, inComponent(err, c)
			}
		}
		result.Set(c, value)
	}
	return result, nil
}

// canonicalize prepares a component of a URL to be matched, as "process … for
// init" do; protocol is the one already processed.
func canonicalize(c Component, value, protocol string) (string, error) {
	switch c {
	case ComponentProtocol:
		return canonicalizeProtocol(value)
	case ComponentUsername, ComponentPassword:
		return canonicalizeCredential(value)
	case ComponentHostname:
		if protocol == "" || schemeOf(protocol).special() {
			return canonicalizeHostname(value)
		}
		if value == "" {
			return "", nil
		}
		d, err := overridden(value, stateHostname, protocol)
		return d.host, err
	case ComponentPort:
		return canonicalizePort(value, protocol)
	case ComponentPathname:
		if protocol == "" || schemeOf(protocol).special() {
			return canonicalizePathname(value)
		}
		return canonicalizeOpaquePathname(value)
	case ComponentSearch:
		return canonicalizeSearch(value)
	}
	return canonicalizeHash(value)
}

// https://urlpattern.spec.whatwg.org/#is-an-absolute-pathname
func isAbsolutePathname(value string, asPattern bool) bool {
	if strings.HasPrefix(value, "/") {
		return true
	}
	return asPattern && (strings.HasPrefix(value, `\/`) || strings.HasPrefix(value, "{/"))
}
