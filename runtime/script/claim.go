package script

import "strings"

// Reserve makes the hosts that workers have without being asked their accounts' own: of
// the default account NAME.domain, of any other NAME.ACCOUNT.domain. It is called before
// the store is used.
func (s *Store) Reserve(domain string) { s.domain = strings.ToLower(domain) }

// reserves reports whether a pattern takes in a host of the server's domain that is of
// another account.
func (s *Store) reserves(accounts []*Account, account string, p normalPattern) bool {
	if s.domain == "" || !p.overlaps(normalPattern{host: s.domain}) && !p.overlaps(below(s.domain)) {
		return false
	}
	operator := false
	for _, a := range accounts {
		own := below(a.Name + "." + s.domain)
		switch {
		case a.ID == account && a.Default:
			operator = true
		case a.ID == account:
			if strings.HasSuffix(p.host, own.host) {
				return false
			}
		case !a.Default && p.overlaps(own):
			return true
		}
	}
	return !operator
}

// below is the pattern of all hosts below a name.
func below(name string) normalPattern {
	return normalPattern{host: "." + strings.ToLower(name), wild: true}
}

// claim refuses hosts that belong to another account.
func (tx *Tx) claim(account, script string, p normalPattern) error {
	accounts, err := tx.Accounts()
	if err != nil || len(accounts) == 1 {
		return err
	}
	taken := Errorf(RouteTaken, "the host of %q belongs to another account", p.text)
	if tx.store.reserves(accounts, account, p) {
		return taken
	}
	routes, err := tx.Routes("")
	if err != nil {
		return err
	}
	for _, r := range routes {
		if r.Account == account {
			continue
		}
		if q, err := parseRoute(r.Pattern); err == nil && p.overlaps(q) {
			return taken
		}
	}
	domains, err := tx.Domains("")
	if err != nil {
		return err
	}
	for _, d := range domains {
		if d.Account != account && p.overlaps(normalPattern{host: d.Hostname}) {
			return taken
		}
	}
	return nil
}
