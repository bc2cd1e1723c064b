package isolate

import (
	"bytes"
	"errors"
	"math"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/pprof/profile"
)

var errExceededMemory = errors.New("memory limit exceeded")

// ExceededMemory reports whether err says that a memory limit was exceeded.
func ExceededMemory(err error) bool { return errors.Is(err, errExceededMemory) }

// memory keeps isolates to their memory limits. The engine has no accounts of its own,
// so they are read from the heap profile: what is live after a garbage collection, by
// the isolate in whose turn it was allocated (see trampoline.go).
//
// Reading the profile takes some milliseconds. It happens only while turns run, once for
// each collection that left more than the smallest limit in the whole process; one is
// forced when the heap has grown by that much since the last.
//
// The figures are estimates. With runtime.MemProfileRate at its default of 512 KiB an
// isolate at 128 MB of small objects is measured with a standard error of 6 percent,
// and of 3 percent at 128 KiB; objects larger than the rate are exact. A worker
// that grows as fast as it can is stopped between one and three times its limit,
// as collections come in such steps. Memory that Go code keeps for it outside of its
// turns, such as bodies on their way, is not counted, and neither is its program, which
// isolates share. Of calls nested so deeply that the profile does not reach back to the
// turn, the memory counts for the one turn that runs, if there is only one.
//
// The profile is the process's: one Watchdog of a process should look after the isolates
// that have limits.
type memory struct {
	least    atomic.Int64 // the smallest limit of all accounts
	scanning atomic.Bool
	clearing atomic.Bool
	suspect  atomic.Pointer[Isolate] // of the last scan, see largest

	mu       sync.Mutex
	accounts []*account // by number; 0 is nobody's
	free     []uint16   // numbers given back, the oldest first

	// Of the watchdog's goroutine, or the scan that it has started.
	gauge gauge
	cycle uint64 // the last that was looked at
	heap  uint64 // when it was looked at; growth beyond it is watched
}

// account is what is known about one isolate's memory.
type account struct {
	isolate *Isolate
	number  uint16
	limit   int64
	size    int64 // as of the last scan; guarded by memory.mu
	over    atomic.Bool
	shed    atomic.Bool             // over because of the process's memory, not its own limit
	running atomic.Pointer[Isolate] // while in a turn
}

// nobody is the account of isolates that are not watched.
func nobody() *account { return &account{limit: math.MaxInt64} }

// open gives an isolate an account.
func (m *memory) open(iso *Isolate, limit int64) *account {
	if limit <= 0 {
		return nobody()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	a := &account{isolate: iso, limit: limit}
	if len(m.accounts) == 0 {
		m.accounts = append(m.accounts, nil)
	}
	switch {
	case len(m.accounts) < maxSlots && len(m.free) < resting:
		a.number = uint16(len(m.accounts))
		m.accounts = append(m.accounts, a)
	case len(m.free) > 0:
		a.number = m.free[0]
		m.free = m.free[1:]
		m.accounts[a.number] = a
	default:
		return nobody() // more isolates than numbers
	}
	if least := m.least.Load(); least == 0 || limit < least {
		m.least.Store(limit)
	}
	return a
}

// resting is how many numbers wait at least before one is used again. The heap profile
// keeps a record for each place of allocation under each number, for ever, and all are
// gone through in each collection: the fewer numbers are in use the better.
const resting = 256

// close gives an account's number back. What the isolate held may be live for a while:
// numbers are used again as late as possible.
func (m *memory) close(a *account) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a.number != 0 && m.accounts[a.number] == a {
		m.accounts[a.number] = nil
		m.free = append(m.free, a.number)
		m.suspect.CompareAndSwap(a.isolate, nil)
	}
	if a.over.Load() {
		m.clear()
	}
}

// clearDelay is how long what an isolate held may be in use after its end, and the time
// between two collections because of such isolates.
const clearDelay = 100 * time.Millisecond

// clear collects what isolates held that were over their limits. The next collection
// would be due when the heap has reached a multiple of what was live with them, which it
// may never be again, and until then the process would keep their memory.
func (m *memory) clear() {
	if !m.clearing.Swap(true) {
		time.AfterFunc(clearDelay, func() {
			m.clearing.Store(false)
			runtime.GC()
		})
	}
}

// gauge reads the size of the heap.
type gauge [3]metrics.Sample

// read returns the size of the heap's objects, dead ones not yet swept included, of those
// that the last garbage collection has left, and the number of collections so far.
func (g *gauge) read() (heap, live, cycles uint64) {
	g[0].Name, g[1].Name, g[2].Name = "/memory/classes/heap/objects:bytes", "/gc/heap/live:bytes", "/gc/cycles/total:gc-cycles"
	metrics.Read(g[:])
	return g[0].Value.Uint64(), g[1].Value.Uint64(), g[2].Value.Uint64()
}

// tick is called every watchInterval while turns run. lasting says that one has run for
// longer than that, so that a heap that grows may be its doing.
func (m *memory) tick(lasting bool) {
	least := uint64(m.least.Load())
	if least == 0 || m.scanning.Load() {
		return
	}
	heap, live, cycles := m.gauge.read()
	force := false
	switch {
	case cycles != m.cycle && live >= least:
	case cycles != m.cycle:
		m.cycle, m.heap = cycles, least
		return
	case !lasting || heap < m.heap+least:
		return
	default:
		force = true
	}
	m.scanning.Store(true)
	go func() {
		defer m.scanning.Store(false)
		m.scan(force)
	}()
}

// scan finds the isolates that are over their limits and interrupts them. What is
// allocated while the collector marks counts as live, garbage too, which on a busy machine
// is much: an isolate is over its limit only if it is after two collections in a row.
func (m *memory) scan(force bool) {
	if force {
		runtime.GC()
	}
	live, lost := liveBytes()
	if m.someOver(live, lost) {
		runtime.GC()
		again, lostAgain := liveBytes()
		for n, size := range live {
			live[n] = min(size, again[n])
		}
		lost = min(lost, lostAgain)
	}
	m.heap, _, m.cycle = m.gauge.read()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.suspect.Store(m.largest(live, lost))
	var only *account
	running := 0
	for n, a := range m.accounts {
		if a == nil {
			continue
		}
		if a.running.Load() != nil {
			only = a
			running++
		}
		if live[uint16(n)] > a.limit {
			a.exceed()
		}
	}
	if running == 1 && lost > only.limit {
		only.exceed()
	}
}

// someOver reports whether an isolate may be over its limit.
func (m *memory) someOver(live map[uint16]int64, lost int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n, a := range m.accounts {
		if a != nil && max(live[uint16(n)], lost) > a.limit {
			return true
		}
	}
	return false
}

// exceed ends the isolate's turn, or keeps it from having another.
func (a *account) exceed() {
	a.over.Store(true)
	if iso := a.running.Load(); iso != nil {
		iso.VM.Interrupt(errExceededMemory)
		iso.hooks.interrupted()
	}
}

// why says what the account was exceeded by.
func (a *account) why() error {
	if a.shed.Load() {
		return errShed
	}
	return errExceededMemory
}

// liveBytes reads the heap profile: what was live after the last collection by account
// number, and what the profile cannot tell because calls were nested too deeply.
func liveBytes() (live map[uint16]int64, lost int64) {
	var text bytes.Buffer
	if err := pprof.Lookup("heap").WriteTo(&text, 0); err != nil {
		return nil, 0
	}
	p, err := profile.ParseData(text.Bytes())
	if err != nil {
		return nil, 0
	}
	digits := map[*profile.Function]uint16{}
	for _, f := range p.Function {
		if rest, ok := strings.CutPrefix(f.Name, slotPrefix); ok && len(rest) == 1 {
			digits[f] = uint16(strings.IndexByte("0123456789abcdef", rest[0]))
		}
	}
	const inUse, deepest = 3, 128 // the sample type, and how many frames a stack keeps
	live = map[uint16]int64{}
	for _, s := range p.Sample {
		size := s.Value[inUse]
		if size == 0 {
			continue
		}
		number, found := uint16(0), 0
	stack:
		for _, l := range s.Location { // from the inside: the last digit comes first
			for _, line := range l.Line {
				if d, ok := digits[line.Function]; ok {
					number = number<<4 | d
					if found++; found == slotDigits {
						break stack
					}
				}
			}
		}
		switch {
		case found == slotDigits:
			live[number] += size
		case len(s.Location) >= deepest:
			lost += size
		}
	}
	return live, lost
}

// Allocating tells of size bytes that the running turn is about to allocate in one
// piece, which is faster than anything that looks at the heap from time to time. It
// reports whether they may be; if not the turn is about to end. It costs a few
// nanoseconds, and a garbage collection for each quarter of the limit while the process
// holds more than the limit.
func (iso *Isolate) Allocating(size int64) bool {
	iso.allocated += size
	limit := iso.account.limit
	if iso.allocated < limit/4 {
		return true
	}
	iso.allocated = 0
	var g gauge
	if heap, _, _ := g.read(); int64(heap)+size < limit {
		return true
	}
	runtime.GC()
	live, _ := liveBytes()
	if live[iso.account.number]+size <= limit {
		return true
	}
	iso.account.exceed()
	return false
}
