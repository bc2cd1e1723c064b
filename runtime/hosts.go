package runtime

import (
	"strings"
	"sync"

	"github.com/mayfly-edge/mayfly/router"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// hosts are the hosts that scripts have without being asked, NAME.<domain>, and with
// them PREFIX-NAME.<domain> for previews. They come after routes and custom domains.
// They are apart from the route table because every upload of a new script adds one:
// the table is built anew for each change.
type hosts struct {
	mu     sync.RWMutex
	byName map[string]defaultHost
}

type defaultHost struct {
	key               router.Script
	enabled, previews bool
}

// match finds the script of a host name in lower case. preview is the prefix of a
// version's id, or an alias.
func (h *hosts) match(name string) (key router.Script, preview string, ok bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if d, ok := h.byName[name]; ok && d.enabled {
		return d.key, "", true
	}
	label := strings.IndexByte(name, '.')
	for i := 1; i < label; i++ {
		if name[i] != '-' {
			continue
		}
		if d, ok := h.byName[name[i+1:]]; ok && d.previews {
			return d.key, strings.Clone(name[:i]), true
		}
	}
	return "", "", false
}

// set gives a script its host, or takes it away if s is nil.
func (h *hosts) set(host string, key router.Script, s *script.Script) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byName == nil {
		h.byName = map[string]defaultHost{}
	}
	if s == nil {
		delete(h.byName, host)
		return
	}
	h.byName[host] = defaultHost{key, s.Subdomain.Enabled, s.Subdomain.Previews}
}

// hostOf is the host that a script has without being asked.
func (rt *Runtime) hostOf(a *script.Account, name string) string {
	if a.Default {
		return strings.ToLower(name + "." + rt.cfg.Domain)
	}
	return strings.ToLower(name + "." + a.Name + "." + rt.cfg.Domain)
}

// refreshHost reads the host of one script anew.
func (rt *Runtime) refreshHost(account, name string) error {
	return rt.store.View(func(tx *script.Tx) error {
		a, err := tx.Account(account)
		if err != nil {
			return err
		}
		s, err := tx.Script(account, name)
		if err != nil {
			s = nil // deleted
		}
		rt.hosts.set(rt.hostOf(a, name), scriptKey(a.ID, name), s)
		return nil
	})
}
