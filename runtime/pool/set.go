package pool

import (
	"container/list"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// set is the isolates of one version.
type set struct {
	pool    *Pool
	version *Version
	cost    cost
	pace    isolate.Pace

	mu       sync.Mutex
	idle     []*instance // a stack: the one used last is on top
	busy     []*instance
	reserved int       // being loaded
	waiting  list.List // of chan struct{}: events for which there is no room, in order
	keep     int       // how many are not evicted
	retired  bool
}

// instance is one isolate.
type instance struct {
	set      *set
	worker   *worker.Worker
	requests int // in flight, guarded by set.mu
	place    int // index in set.busy
	idleAt   time.Time
	single   bool // of a pristine version: in no list
}

// take lends an isolate: an idle one, or one that has room while there are enough of
// them. nil means that the caller is to make one, for which a place is reserved; that
// there is no room. s.mu is held.
func (s *set) take() (i *instance, room bool) {
	for n := len(s.idle); n > 0; n-- {
		i := s.idle[n-1]
		s.idle[n-1] = nil
		s.idle = s.idle[:n-1]
		if i.worker.Condemned() {
			i.drop()
			continue
		}
		i.requests = 1
		s.push(i)
		return i, true
	}
	count := len(s.busy) + s.reserved
	if count >= s.pool.o.SpreadTo {
		if i := s.leastBusy(); i != nil {
			i.requests++
			return i, true
		}
		// What is being made has room for those that wait already, and more.
		if count >= s.pool.o.MaxIsolates || s.waiting.Len() < s.reserved*(s.limit()-1) {
			return nil, false
		}
	}
	s.reserved++
	return nil, true
}

// limit is how many requests may be in flight in one isolate.
func (s *set) limit() int {
	if n := s.version.MaxConcurrentRequests; n != 0 {
		return n
	}
	return 64
}

func (s *set) leastBusy() *instance {
	limit := s.limit()
	var best *instance
	for _, i := range s.busy {
		if i.requests < limit && !i.worker.Condemned() && (best == nil || i.requests < best.requests) {
			best = i
		}
	}
	return best
}

func (s *set) push(i *instance) {
	i.place = len(s.busy)
	s.busy = append(s.busy, i)
}

// remove takes a busy isolate out of the list.
func (s *set) remove(i *instance) {
	last := len(s.busy) - 1
	s.busy[i.place] = s.busy[last]
	s.busy[i.place].place = i.place
	s.busy[last] = nil
	s.busy = s.busy[:last]
}

// adopt puts a newly made isolate, already lent, in its reserved place.
func (s *set) adopt(i *instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reserved--
	s.push(i)
	s.wake(s.limit() - 1)
}

func (s *set) unreserve() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reserved > 0 {
		s.reserved--
	}
	s.wake(1)
}

// add puts a newly made isolate among the idle.
func (s *set) add(i *instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.retired {
		i.drop()
		return
	}
	i.idleAt = s.pool.o.Now()
	s.idle = append(s.idle, i)
	s.wake(s.limit())
}

// retain sets how many isolates are not evicted.
func (s *set) retain(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep = n
}

// missing is how many isolates there are too few of those to be kept.
func (s *set) missing() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.retired {
		return 0
	}
	return max(0, s.keep-len(s.idle)-len(s.busy)-s.reserved)
}

// unused reports whether the set holds nothing and is to hold nothing.
func (s *set) unused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.idle)+len(s.busy)+s.reserved+s.keep == 0
}

func (s *set) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.idle) + len(s.busy) + s.reserved
}

// release takes back what take or adopt lent.
func (s *set) release(i *instance) {
	if i.single {
		i.drop()
		return
	}
	s.mu.Lock()
	i.requests--
	over := i.requests == 0
	drop := over && (s.retired || i.worker.Condemned())
	if over {
		s.remove(i)
		if !drop {
			i.idleAt = s.pool.o.Now()
			s.idle = append(s.idle, i)
		}
	}
	s.wake(1)
	s.mu.Unlock()
	if drop {
		i.drop()
	}
}

// evict drops the isolates that have been idle since before the given time, which are
// at the bottom of the stack, and those that can not be used any more.
func (s *set) evict(before time.Time) int {
	s.mu.Lock()
	n, most := 0, len(s.idle)+len(s.busy)+s.reserved-s.keep
	for n < len(s.idle) && n < most && s.idle[n].idleAt.Before(before) {
		n++
	}
	old := append([]*instance(nil), s.idle[:n]...)
	s.idle = slices.DeleteFunc(append(s.idle[:0], s.idle[n:]...), func(i *instance) bool {
		if !i.worker.Condemned() {
			return false
		}
		old = append(old, i)
		return true
	})
	s.mu.Unlock()
	for _, i := range old {
		i.drop()
	}
	return len(old)
}

func (s *set) retire() {
	s.mu.Lock()
	s.retired = true
	old := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, i := range old {
		i.drop()
	}
}

func (i *instance) drop() {
	i.worker.Close()
	i.set.pool.live.Add(-1)
}

// lease is one loan of an isolate to one event.
type lease struct {
	*instance
	finished func(*outside.Report)
	once     sync.Once
}

// done is called when the invocation has ended.
func (l *lease) done(r *outside.Report) {
	l.set.cost.add(r.CPU)
	l.give()
	if l.finished != nil {
		l.finished(r)
	}
}

func (l *lease) give() { l.once.Do(func() { l.set.release(l.instance) }) }

// missed reports that the event has not run because the isolate was condemned by
// another one at that moment; the isolate is given back.
func (l *lease) missed(err error) bool {
	if err == nil || !errors.Is(err, isolate.ErrCondemned) {
		return false
	}
	l.give()
	return true
}
