package script

import (
	"slices"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/router"
)

// MaxRoutes is the number of routes and of custom domains one script may have.
const MaxRoutes = 1000

// maxPattern is the longest route pattern, in bytes.
const maxPattern = 1024

// A Route sends the requests that match a pattern to a script. A pattern belongs to
// one script, and the hosts below one account's patterns to no other account.
type Route struct {
	ID        string    `json:"id"` // 32 hexadecimal digits
	Account   string    `json:"account"`
	Script    string    `json:"script"` // "" negates less specific routes
	Pattern   string    `json:"pattern"`
	CreatedOn time.Time `json:"created_on"`
}

// A Domain sends all requests for one host to a script.
type Domain struct {
	ID        string    `json:"id"` // 32 hexadecimal digits
	Account   string    `json:"account"`
	Script    string    `json:"script"`
	Hostname  string    `json:"hostname"`
	Zone      string    `json:"zone,omitempty"` // zone name as the client gave it
	Enabled   bool      `json:"enabled"`
	Previews  bool      `json:"previews_enabled"`
	CreatedOn time.Time `json:"created_on"`
}

// A normalPattern is a pattern in normal form.
type normalPattern struct {
	text string
	host string // without wildcard
	wild bool
}

// parseRoute checks a pattern and brings scheme and host into one form, so that equal
// patterns are equal texts.
func parseRoute(pattern string) (normalPattern, error) {
	if len(pattern) > maxPattern {
		return normalPattern{}, Errorf(BadRoute, "the route pattern is %d bytes, over the limit of %d", len(pattern), maxPattern)
	}
	if _, err := router.ParsePattern(pattern); err != nil {
		return normalPattern{}, Errorf(BadRoute, "invalid route pattern: %v", err)
	}
	scheme, rest := "", pattern
	if i := strings.Index(pattern, "://"); i >= 0 {
		scheme, rest = strings.ToLower(pattern[:i+3]), pattern[i+3:]
	}
	host, path := rest, "/"
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	bare, wild := strings.CutPrefix(host, "*")
	dot := ""
	if wild && strings.HasPrefix(bare, ".") {
		dot, bare = ".", bare[1:]
	}
	if bare != "" {
		name, err := router.ParseDomain(bare)
		if err != nil {
			return normalPattern{}, Errorf(BadRoute, "invalid route pattern: %v", err)
		}
		bare = name
	}
	p := normalPattern{host: dot + bare, wild: wild}
	if wild {
		host = "*" + p.host
	} else {
		host = p.host
	}
	p.text = scheme + host + path
	return p, nil
}

// overlaps reports whether some host matches both patterns.
func (p normalPattern) overlaps(q normalPattern) bool {
	switch {
	case p.wild && q.wild:
		return strings.HasSuffix(p.host, q.host) || strings.HasSuffix(q.host, p.host)
	case p.wild:
		return strings.HasSuffix(q.host, p.host)
	case q.wild:
		return strings.HasSuffix(p.host, q.host)
	}
	return p.host == q.host
}

// Routes lists the routes of an account, or of all accounts when account is "", by pattern.
func (tx *Tx) Routes(account string) ([]*Route, error) {
	all, err := list[Route](tx, bucketRoute, "")
	return slices.DeleteFunc(all, func(r *Route) bool { return account != "" && r.Account != account }), err
}

// AddRoute gives a pattern to a script of the account; script may be "".
func (tx *Tx) AddRoute(account, script, pattern string) (*Route, error) {
	p, err := parseRoute(pattern)
	if err != nil {
		return nil, err
	}
	if script != "" {
		if _, err := tx.Script(account, script); err != nil {
			return nil, err
		}
	}
	if err := tx.claim(account, script, p); err != nil {
		return nil, err
	}
	r := &Route{ID: NewID(), Account: account, Script: script, Pattern: pattern, CreatedOn: tx.now()}
	old := new(Route)
	switch err := tx.get(bucketRoute, p.text, old); {
	case err == nil && (old.Account != account || old.Script != script):
		return nil, Errorf(RouteTaken, "the route %q is already assigned to another Worker: %s", pattern, old.Script)
	case err == nil:
		return old, nil
	case err != kv.ErrNotFound:
		return nil, err
	}
	tx.audit(account, "route.create", script, pattern)
	tx.changed(Change{Kind: RoutesChanged, Account: account, Script: script, ID: r.ID})
	return r, tx.put(bucketRoute, p.text, r)
}

// RemoveRoute removes the account's route with that id.
func (tx *Tx) RemoveRoute(account, id string) error {
	all, err := tx.Routes(account)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.ID == id {
			return tx.dropRoute(r)
		}
	}
	return Errorf(UnknownRoute, "route %q does not exist", id)
}

func (tx *Tx) dropRoute(r *Route) error {
	p, err := parseRoute(r.Pattern)
	if err != nil {
		return err
	}
	tx.audit(r.Account, "route.delete", r.Script, r.Pattern)
	tx.changed(Change{Kind: RoutesChanged, Account: r.Account, Script: r.Script, ID: r.ID})
	return tx.remove(bucketRoute, p.text)
}

// SetRoutes makes patterns all the routes of a script. Those that stay keep their ids.
func (tx *Tx) SetRoutes(account, script string, patterns []string) error {
	if len(patterns) > MaxRoutes {
		return Errorf(BadRoute, "%d routes are over the limit of %d for a Worker", len(patterns), MaxRoutes)
	}
	wanted := map[string]bool{}
	for _, pattern := range patterns {
		p, err := parseRoute(pattern)
		if err != nil {
			return err
		}
		wanted[p.text] = true
	}
	all, err := tx.Routes(account)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Script != script {
			continue
		}
		if p, err := parseRoute(r.Pattern); err != nil || !wanted[p.text] {
			if err := tx.dropRoute(r); err != nil {
				return err
			}
		}
	}
	for _, pattern := range patterns {
		if _, err := tx.AddRoute(account, script, pattern); err != nil {
			return err
		}
	}
	return nil
}

// Domains lists the custom domains of an account, or of all when account is "", by host.
func (tx *Tx) Domains(account string) ([]*Domain, error) {
	all, err := list[Domain](tx, bucketDomain, "")
	return slices.DeleteFunc(all, func(d *Domain) bool { return account != "" && d.Account != account }), err
}

// Domain returns the custom domain with that host name, or nil.
func (tx *Tx) Domain(hostname string) (*Domain, error) {
	d := new(Domain)
	err := tx.get(bucketDomain, hostname, d)
	if err == kv.ErrNotFound {
		return nil, nil
	}
	return d, err
}

// CheckHostname returns the normal form of a custom domain's host name.
func CheckHostname(hostname string) (string, error) {
	name, err := router.ParseDomain(hostname)
	if err != nil {
		return "", Errorf(BadRoute, "invalid custom domain: %v", err)
	}
	return name, nil
}

// SetDomains makes domains all the custom domains of a script; Hostname, Zone, Enabled
// and Previews of each count. A host of another script of the account is moved.
func (tx *Tx) SetDomains(account, script string, domains []Domain) error {
	if len(domains) > MaxRoutes {
		return Errorf(BadRoute, "%d custom domains are over the limit of %d for a Worker", len(domains), MaxRoutes)
	}
	wanted := map[string]bool{}
	for i := range domains {
		name, err := CheckHostname(domains[i].Hostname)
		if err != nil {
			return err
		}
		wanted[name] = true
	}
	all, err := tx.Domains(account)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Script == script && !wanted[d.Hostname] {
			tx.audit(account, "domain.delete", script, d.Hostname)
			tx.changed(Change{Kind: DomainsChanged, Account: account, Script: script, ID: d.ID})
			if err := tx.remove(bucketDomain, d.Hostname); err != nil {
				return err
			}
		}
	}
	for _, d := range domains {
		if _, err := tx.PutDomain(account, script, d); err != nil {
			return err
		}
	}
	return nil
}

// PutDomain gives one host to a script. A host of another script of the account is moved.
func (tx *Tx) PutDomain(account, script string, d Domain) (*Domain, error) {
	name, err := CheckHostname(d.Hostname)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Script(account, script); err != nil {
		return nil, err
	}
	if err := tx.claim(account, script, normalPattern{text: name, host: name}); err != nil {
		return nil, err
	}
	old, err := tx.Domain(name)
	if err != nil {
		return nil, err
	}
	d.Account, d.Script, d.Hostname = account, script, name
	d.ID, d.CreatedOn = NewID(), tx.now()
	if old != nil {
		d.ID, d.CreatedOn = old.ID, old.CreatedOn
		if *old == d {
			return old, nil
		}
	}
	tx.audit(account, "domain.put", script, name)
	tx.changed(Change{Kind: DomainsChanged, Account: account, Script: script, ID: d.ID})
	return &d, tx.put(bucketDomain, name, &d)
}

// RemoveDomain removes the account's custom domain with that id.
func (tx *Tx) RemoveDomain(account, id string) error {
	all, err := tx.Domains(account)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.ID == id {
			tx.audit(account, "domain.delete", d.Script, d.Hostname)
			tx.changed(Change{Kind: DomainsChanged, Account: account, Script: d.Script, ID: id})
			return tx.remove(bucketDomain, d.Hostname)
		}
	}
	return Errorf(UnknownDomain, "custom domain %q does not exist", id)
}
