package router

import (
	"math"
	"strings"
)

const (
	// noRank is worse than every rank.
	noRank = math.MaxInt32
	// fewRoutes is up to how many routes a site tries one by one, which touches less
	// memory than a tree does.
	fewRoutes = 8
)

// A site is what is known of one host or of one host suffix.
type site struct {
	few   []entry // best first
	many  *tree   // instead of few
	whole *whole  // nil when there are only routes
}

// whole is what belongs to a host as a whole.
type whole struct {
	domain  Script // of the custom domain, or none
	initial DefaultHost
}

// An entry is one route of a site.
type entry struct {
	path   string
	rank   int32
	scheme scheme
	prefix bool
	route  Route
}

// A tree holds the routes of a site by path.
type tree struct {
	paths  node[ends]
	routes []Route // best first
	ranks  []int32 // of routes
}

// ends are the positions in tree.routes plus one, per scheme, of the patterns whose path
// ends at a node; 0 is none.
type ends struct {
	exact, prefix [2]int32
}

// found is the best route seen so far.
type found struct {
	rank  int32
	route *Route
}

// newSite makes a site of the patterns with these ranks, which come best first. It returns
// the host as a string that lies beside the paths in memory, for the sake of the cache.
func newSite(host string, patterns []Pattern, ranks []int32, owners map[string]Script) (string, site) {
	var text strings.Builder
	text.WriteString(host)
	for _, rank := range ranks {
		text.WriteString(patterns[rank].path)
	}
	all := text.String()
	host, all = all[:len(host)], all[len(host):]

	if len(ranks) <= fewRoutes {
		few := make([]entry, len(ranks))
		for i, rank := range ranks {
			p := &patterns[rank]
			few[i] = entry{all[:len(p.path)], rank, p.scheme, p.prefix, Route{p.text, owners[p.key]}}
			all = all[len(p.path):]
		}
		return host, site{few: few}
	}
	t := &tree{paths: node[ends]{best: noRank}, ranks: ranks}
	for i, rank := range ranks {
		p := &patterns[rank]
		t.routes = append(t.routes, Route{p.text, owners[p.key]})
		e := t.paths.at(all[:len(p.path)], int32(i))
		all = all[len(p.path):]
		at := &e.exact
		if p.prefix {
			at = &e.prefix
		}
		for s, has := range [2]bool{p.scheme&schemeHTTP != 0, p.scheme&schemeHTTPS != 0} {
			if has && at[s] == 0 {
				at[s] = int32(i) + 1
			}
		}
	}
	return host, site{many: t}
}

// empty tells whether the site has no routes.
func (s *site) empty() bool { return s.few == nil && s.many == nil }

// find improves best by the site's routes.
func (s *site) find(best *found, https bool, path []byte, query bool) {
	if s.many != nil {
		s.many.find(best, https, path, query)
		return
	}
	scheme := schemeHTTP
	if https {
		scheme = schemeHTTPS
	}
	for i := range s.few {
		e := &s.few[i]
		if e.rank >= best.rank {
			return
		}
		if e.scheme&scheme == 0 || len(path) < len(e.path) || string(path[:len(e.path)]) != e.path {
			continue
		}
		if e.prefix || len(path) == len(e.path) && !query {
			*best = found{e.rank, &e.route}
			return
		}
	}
}

func (t *tree) find(best *found, https bool, path []byte, query bool) {
	scheme := 0
	if https {
		scheme = 1
	}
	at := int32(len(t.routes))
	rest := path
	for n := &t.paths; n != nil && n.best < at; n, rest = n.next(rest) {
		if n.value == nil {
			continue
		}
		if i := n.value.prefix[scheme]; i != 0 {
			at = min(at, i-1)
		}
		if i := n.value.exact[scheme]; i != 0 && len(rest) == 0 && !query {
			at = min(at, i-1)
		}
	}
	if at < int32(len(t.routes)) && t.ranks[at] < best.rank {
		*best = found{t.ranks[at], &t.routes[at]}
	}
}
