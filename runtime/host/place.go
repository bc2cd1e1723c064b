package host

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"hash/maphash"
	"slices"
	"strconv"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// errStarting says that all children that may run a script are being replaced.
var errStarting = errors.New("the host processes do not start; the server's log says why")

// startPatience is how long an event waits when all children that may run it are being
// replaced.
const startPatience = 2 * time.Second

// shortWait is how much CPU time the events in flight of a child may be expected to need
// for it to be given another one, though a child with less may be there.
const shortWait = 500 * time.Microsecond

// pick chooses the child for an event. A script's events go to one child as long as that
// has little to do, because a process that is awake is cheaper than another that has to
// be woken, and its isolates are warm; and then to the one with the least to do of those
// that may run the version. ctx may be nil.
func (p *Process) pick(ctx context.Context, v *pool.Version) (*child, error) {
	var late <-chan time.Time
	for {
		list, placed, err := p.candidates(v)
		if err != nil {
			return nil, err
		}
		if best := leastLoaded(list, maphash.String(p.seed, v.Script)); best != nil {
			return best, nil
		}
		if late == nil {
			t := time.NewTimer(startPatience)
			defer t.Stop()
			late = t.C
		}
		var gone <-chan struct{}
		if ctx != nil {
			gone = ctx.Done()
		}
		select {
		case <-placed:
		case <-gone:
			return nil, context.Cause(ctx)
		case <-late:
			return nil, errStarting
		case <-p.stop:
			return nil, errClosed
		}
	}
}

// leastLoaded returns the child with the least to do, but the first that has little. The
// key says which is first. Elements may be nil; if all are it returns nil.
func leastLoaded(list []*child, key uint64) *child {
	var best *child
	var least int64
	for i := range list {
		c := list[(key+uint64(i))%uint64(len(list))]
		if c == nil {
			continue
		}
		load := c.load.Load()
		if load < int64(shortWait) {
			return c
		}
		if best == nil || load < least {
			best, least = c, load
		}
	}
	return best
}

// candidates lists the children that may run a version; some may be nil. The channel is
// closed when one has been put in the place of one that was.
func (p *Process) candidates(v *pool.Version) ([]*child, <-chan struct{}, error) {
	solitary, refused := p.blame.verdict(v.Account, v.Script, v.Version)
	if refused != nil {
		return nil, nil, refused
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, errClosed
	}
	if solitary || v.Own {
		c, err := p.ownChild(scriptID{v.Account, v.Script})
		return []*child{c}, nil, err
	}
	places := p.places(v.Account)
	if len(places) == len(p.shared) {
		return p.shared, p.placed, nil
	}
	list := make([]*child, len(places))
	for i, n := range places {
		list[i] = p.shared[n]
	}
	return list, p.placed, nil
}

// replace puts a child in the place of another. Others may be reading the list: it is
// replaced, never changed. p.mu is held.
func (p *Process) replace(i int, c *child) {
	p.shared = slices.Clone(p.shared)
	p.shared[i] = c
	if c == nil {
		return
	}
	for _, k := range p.kept {
		if places := p.places(k.version.Account); slices.Contains(places, i) {
			c.keep(k.version, share(k.n, len(places)))
		}
	}
}

// places lists the shared children that run an account's scripts. p.mu is held.
func (p *Process) places(account string) []int {
	list := p.accounts[account]
	if list != nil {
		return list
	}
	n := p.o.HostsPerAccount
	if account == p.o.DefaultAccount {
		n = len(p.shared)
	}
	if len(p.accounts) > 100_000 {
		clear(p.accounts)
	}
	list = rendezvous(account, len(p.shared), n)
	p.accounts[account] = list
	return list
}

// errTooManyOwn says that there is no room for another child of one script.
var errTooManyOwn = errors.New("too many scripts have a host process of their own")

// ownChild returns the child of one script, which it starts if need be. p.mu is held.
func (p *Process) ownChild(s scriptID) (*child, error) {
	if o := p.own[s]; o != nil {
		o.used = time.Now()
		return o.child, nil
	}
	if len(p.own) >= p.o.MaxOwn && !p.dropOwn(time.Now().Add(-time.Second)) {
		return nil, errTooManyOwn
	}
	c := p.spare
	if c != nil {
		p.spare = nil
		p.watching.Go(p.makeSpare)
	} else {
		var err error
		if c, err = startChild(p); err != nil {
			return nil, err
		}
	}
	p.own[s] = &ownChild{c, time.Now()}
	return c, nil
}

// dropOwn ends the children of scripts that have not been asked for since a time, and
// reports whether there were any. p.mu is held.
func (p *Process) dropOwn(since time.Time) bool {
	some := false
	for s, o := range p.own {
		if o.used.Before(since) && o.busy.Load() == 0 {
			delete(p.own, s)
			o.dismissed = true
			_ = o.cmd.Process.Kill()
			some = true
		}
	}
	return some
}

// rendezvous returns the n of so many places that suit a key best. Another number of
// places moves as few keys as can be.
func rendezvous(key string, places, n int) []int {
	weights := make([]uint64, places)
	order := make([]int, places)
	for i := range order {
		h := fnv.New64a()
		_, _ = h.Write([]byte(key + "/" + strconv.Itoa(i))) // cannot fail
		// The last byte moves only the low bits of the sum: mix them upwards.
		w := h.Sum64()
		w ^= w >> 33
		w *= 0xff51afd7ed558ccd
		w ^= w >> 33
		weights[i], order[i] = w, i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	return order[:n]
}
