package router

import (
	"bytes"
	"slices"
)

// A Script is the key by which the caller knows a script, such as "account/name". The
// empty Script stands for none.
type Script string

func (s Script) describe() string {
	if s == "" {
		return "no script (a route that disables others)"
	}
	return string(s)
}

// A Route sends the requests that match Pattern to Script. Without a Script it hides the
// less specific routes.
type Route struct {
	Pattern string
	Script  Script
}

// A Domain is a custom domain: all paths of one host belong to Script, except those that
// a route takes first.
type Domain struct {
	Host   string
	Script Script
}

// A DefaultHost is the host NAME.<domain> that a script has without being asked.
type DefaultHost struct {
	Host     string // in full
	Script   Script
	Enabled  bool // answer on Host
	Previews bool // answer on PREFIX-Host
}

// Entries is all that a [Table] is built from. The order within each slice has no meaning.
type Entries struct {
	Routes   []Route
	Domains  []Domain
	Defaults []DefaultHost
}

// A Source says which kind of entry a match came from.
type Source uint8

const (
	FromRoute Source = iota + 1
	FromDomain
	FromDefault
	FromPreview
)

// A Match is a script found.
type Match struct {
	Script  Script
	Source  Source
	Route   string // the pattern as it was written, of a route
	Preview string // what stands before NAME in a preview host, in lower case: a version prefix or an alias
}

// A Table answers requests from a fixed set of entries. It is immutable and safe for use
// by many goroutines.
type Table struct {
	sites    map[string]site
	suffixes *node[site] // by host suffix, backwards
	previews bool
	owners   map[string]Script // of the normal form of each pattern
	count    int
}

// NewTable builds a table. It fails on the first wrong entry with a *[PatternError] and on
// the first pair of entries that contradict each other with a *[Conflict].
func NewTable(entries Entries) (*Table, error) {
	t := &Table{
		sites:    make(map[string]site),
		suffixes: &node[site]{best: noRank},
		owners:   make(map[string]Script, len(entries.Routes)),
	}
	patterns, err := t.parse(entries.Routes)
	if err != nil {
		return nil, err
	}
	t.count = len(patterns)
	t.place(patterns)
	for _, d := range entries.Domains {
		host, err := ParseDomain(d.Host)
		if err != nil {
			return nil, err
		}
		w := t.whole(host)
		if w.domain != "" && w.domain != d.Script {
			return nil, &Conflict{Text: d.Host, Script: d.Script, Other: w.domain}
		}
		w.domain = d.Script
	}
	for _, d := range entries.Defaults {
		host, err := ParseDomain(d.Host)
		if err != nil {
			return nil, err
		}
		w := t.whole(host)
		if w.initial.Script != "" && w.initial.Script != d.Script {
			return nil, &Conflict{Text: d.Host, Script: d.Script, Other: w.initial.Script}
		}
		w.initial = d
		t.previews = t.previews || d.Previews
	}
	return t, nil
}

// parse parses, checks and sorts the routes.
func (t *Table) parse(routes []Route) ([]Pattern, error) {
	patterns := make([]Pattern, len(routes))
	for i, r := range routes {
		p, err := ParsePattern(r.Pattern)
		if err != nil {
			return nil, err
		}
		if other, ok := t.owners[p.key]; ok && other != r.Script {
			return nil, &Conflict{Text: r.Pattern, Script: r.Script, Other: other}
		}
		t.owners[p.key] = r.Script
		patterns[i] = p
	}
	slices.SortFunc(patterns, func(a, b Pattern) int { return a.Compare(&b) })
	return patterns, nil
}

// place gives every host and host suffix its routes. The index of a pattern is its rank.
func (t *Table) place(patterns []Pattern) {
	type place struct {
		host   string
		suffix bool
	}
	ranks := make(map[place][]int32)
	for i := range patterns {
		at := place{patterns[i].host, patterns[i].suffix}
		ranks[at] = append(ranks[at], int32(i))
	}
	for at, ranks := range ranks {
		host, s := newSite(at.host, patterns, ranks, t.owners)
		if !at.suffix {
			t.sites[host] = s
			continue
		}
		reversed := []byte(host)
		slices.Reverse(reversed)
		*t.suffixes.at(string(reversed), ranks[0]) = s
	}
}

// whole returns what belongs to a host apart from its routes.
func (t *Table) whole(host string) *whole {
	s := t.sites[host]
	if s.whole == nil {
		s.whole = new(whole)
		t.sites[host] = s
	}
	return s.whole
}

// Match finds the script for a request. host is the Host header, with or without a port;
// target is the path and query as they were sent. Neither is kept or changed.
//
// Errors are [ErrMalformedHost], [ErrUnknownHost], [ErrNoRoute] and [ErrNegated]. Nothing
// is allocated for a match by route, domain or default host unless host or target have
// to be brought to normal form first (international names, dot segments).
func (t *Table) Match(https bool, host, target []byte) (Match, error) {
	var room [maxHost + 3]byte
	name, err := appendHost(room[:0], host)
	if err != nil {
		return Match{}, err
	}
	exact := t.sites[string(name)]
	r, known := t.route(https, &exact, name, target)
	if r != nil && r.Script != "" {
		return Match{Script: r.Script, Source: FromRoute, Route: r.Pattern}, nil
	}
	if exact.whole != nil && exact.whole.domain != "" {
		return Match{Script: exact.whole.domain, Source: FromDomain}, nil
	}
	if r != nil {
		return Match{}, ErrNegated
	}
	if exact.whole != nil && exact.whole.initial.Enabled {
		return Match{Script: exact.whole.initial.Script, Source: FromDefault}, nil
	}
	if t.previews {
		if m, ok := t.preview(name); ok {
			return m, nil
		}
	}
	if known {
		return Match{}, ErrNoRoute
	}
	return Match{}, ErrUnknownHost
}

// Domain returns the script whose custom domain host is. A worker on a route reaches it
// by fetching its own host.
func (t *Table) Domain(host []byte) (Script, bool) {
	var room [maxHost + 3]byte
	name, err := appendHost(room[:0], host)
	if err != nil {
		return "", false
	}
	w := t.sites[string(name)].whole
	if w == nil || w.domain == "" {
		return "", false
	}
	return w.domain, true
}

// Owner returns the script a pattern is assigned to, the empty Script for a route that has
// none, and false when there is no such route. Spelling does not matter: "Example.com"
// and "example.com/" are one pattern.
func (t *Table) Owner(pattern string) (Script, bool) {
	p, err := ParsePattern(pattern)
	if err != nil {
		return "", false
	}
	s, ok := t.owners[p.key]
	return s, ok
}

// Check tells whether route could be added to the table: nil, a *[PatternError], or a
// *[Conflict] when another script has the pattern.
func (t *Table) Check(route Route) error {
	p, err := ParsePattern(route.Pattern)
	if err != nil {
		return err
	}
	if other, ok := t.owners[p.key]; ok && other != route.Script {
		return &Conflict{Text: route.Pattern, Script: route.Script, Other: other}
	}
	return nil
}

// Len returns the number of routes.
func (t *Table) Len() int { return t.count }

// route returns the best route, or nil, and whether any route is for this host.
func (t *Table) route(https bool, exact *site, name, target []byte) (r *Route, known bool) {
	if exact.empty() && t.suffixes.best == noRank {
		return nil, false
	}
	best := found{rank: noRank}
	path, query := splitTarget(target)
	if !exact.empty() {
		exact.find(&best, https, path, query)
		known = true
	}
	if t.suffixes.best >= best.rank {
		return best.route, known
	}
	var room [maxHost + 3]byte
	rest := append(room[:0], name...)
	slices.Reverse(rest)
	for n := t.suffixes; n != nil && n.best < best.rank; n, rest = n.next(rest) {
		// "*.example.com" asks for at least one character before the dot, which a
		// name in normal form always has there.
		if n.value != nil {
			n.value.find(&best, https, path, query)
			known = true
		}
	}
	return best.route, known
}

// preview splits PREFIX-NAME.<domain> at each hyphen of the first label until NAME.<domain>
// is a default host with previews; the longest NAME wins.
func (t *Table) preview(name []byte) (Match, bool) {
	label := bytes.IndexByte(name, '.')
	if label < 0 {
		label = len(name)
	}
	for i := 1; i < label; i++ {
		if name[i] != '-' {
			continue
		}
		if w := t.sites[string(name[i+1:])].whole; w != nil && w.initial.Previews {
			return Match{Script: w.initial.Script, Source: FromPreview, Preview: string(name[:i])}, true
		}
	}
	return Match{}, false
}
