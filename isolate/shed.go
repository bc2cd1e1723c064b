package isolate

import (
	"fmt"
	"runtime"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
)

// errShed is why an isolate ends that is within its limit, when its process is not.
var errShed = fmt.Errorf("%w: the process has no memory left, of which this isolate held most", errExceededMemory)

const (
	// suspected is what an isolate must hold to be suspected of filling a process.
	suspected = 16 << 20
	// grown is how much more than at the last scan it must hold to count as one that
	// grows.
	grown = 1 << 20
)

// largest returns the isolate that holds the most of those that have grown since the
// last scan or, if none has, of all. live and lost are as of liveBytes. m.mu is held.
func (m *memory) largest(live map[uint16]int64, lost int64) *Isolate {
	var best, only *account
	bestGrows, running := false, 0
	for _, a := range m.accounts {
		if a != nil && a.running.Load() != nil {
			only = a
			running++
		}
	}
	for n, a := range m.accounts {
		if a == nil {
			continue
		}
		size := live[uint16(n)]
		if running == 1 && a == only {
			size += lost
		}
		grows := size >= a.size+grown
		a.size = size
		if size < suspected || bestGrows && !grows {
			continue
		}
		if best == nil || grows && !bestGrows || size > best.size {
			best, bestGrows = a, grows
		}
	}
	if best == nil {
		return nil
	}
	return best.isolate
}

// Suspect returns the isolate that most likely fills the process's memory, as far as was
// known when the memory was last looked at, or nil.
func (w *Watchdog) Suspect() *Isolate { return w.memory.suspect.Load() }

// Largest finds the isolate that most likely fills the process's memory: the one that
// holds the most of those that have grown of late. It returns nil if no isolate holds
// much. It takes a garbage collection and some milliseconds.
func (w *Watchdog) Largest() *Isolate {
	runtime.GC()
	live, lost := liveBytes()
	m := &w.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	found := m.largest(live, lost)
	m.suspect.Store(found)
	return found
}

// Shed ends the isolate for the sake of its process, as if its memory limit were
// exceeded. It may be called from any goroutine and does not wait.
func (iso *Isolate) Shed() {
	iso.account.shed.Store(true)
	iso.account.exceed()
	// A turn in which it sees that: none may come for long otherwise.
	go iso.Loop.Post(&eventloop.Task{Run: func() {}})
}
