package ledger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/kv"
)

// DefaultMemory is how many MB an invocation holds for GB-seconds unless Options.Memory
// says otherwise.
const DefaultMemory = 128

// Options configures a [Ledger]. The zero value is a good default.
type Options struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Memory returns the memory size in MB of a version; nil or 0 is DefaultMemory. It is
	// asked when the version is first seen, not for each invocation, and must not call
	// the ledger.
	Memory func(account, script, version string) int
	// Quota returns what an account may use; nil means that nothing is limited.
	Quota func(account string) Quota
	// FlushEvery is how often Run writes to the store; 0 is half a second.
	FlushEvery time.Duration
	// Logger takes what goes wrong in the background; nil is slog.Default().
	Logger *slog.Logger
}

// A Ledger counts usage. Record and Exceeded may be called from any goroutine at any time.
//
// Locks, outermost first: rollups, flushes, shard.mu. A shard is held only to count
// or to copy its counters, never while the store is used.
type Ledger struct {
	db   *kv.DB
	opts Options

	shards []*shard
	local  sync.Pool // of *shard: the one this core used last
	turn   atomic.Uint32

	rollups sync.Mutex // held during a roll-up

	flushes sync.Mutex // guards what follows and is held while minutes are written
	flushed uint64     // flushes so far
	boot    string     // tells this process's batches from those of earlier ones
	seq     uint64     // of the last batch
	pending map[row]*Usage
	retry   []batch          // batches the store did not confirm
	open    int64            // the first minute that is not summed up yet
	known   map[string]bool  // accounts the store has heard of
	today   map[string]int64 // requests per account on day
	day     int64
	spent   atomic.Pointer[map[string]bool]
}

// An id names the version of a script.
type id struct{ account, script, version string }

// A row is the place of a Usage in the store.
type row struct {
	id
	minute int64 // since the Unix epoch: the first of the span
}

// A shard holds the counters of about one core.
type shard struct {
	mu    sync.Mutex
	cells map[id]*cell
	dirty []*cell
	spill []spilled
	_     [64]byte // keeps neighbours out of this one's cache line
}

// A cell counts one version in one minute.
type cell struct {
	id
	memory int64
	minute int64
	usage  Usage
	moved  bool
	used   uint64 // the flush that last found it moved
}

// A spilled cell had to make room for another minute between two flushes.
type spilled struct {
	row   row
	usage Usage
}

// Open returns a ledger that keeps its rows in db. It writes nothing by itself: call Run.
func Open(db *kv.DB, opts Options) (*Ledger, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.FlushEvery == 0 {
		opts.FlushEvery = 500 * time.Millisecond
	}
	if opts.FlushEvery < 0 || opts.FlushEvery > time.Second {
		return nil, fmt.Errorf("ledger: options: FlushEvery is %v; it must be at most a second", opts.FlushEvery)
	}
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	l := &Ledger{
		db: db, opts: opts, boot: rand.Text(),
		pending: make(map[row]*Usage), known: make(map[string]bool), today: make(map[string]int64),
	}
	for range runtime.GOMAXPROCS(0) {
		l.shards = append(l.shards, &shard{cells: make(map[id]*cell)})
	}
	l.local.New = func() any { return l.shards[int(l.turn.Add(1))%len(l.shards)] }
	if err := l.load(); err != nil {
		return nil, err
	}
	return l, nil
}

// load reads where an earlier ledger stopped.
func (l *Ledger) load() error {
	err := l.db.Update(func(tx *kv.Tx) error {
		mark, err := readMark(tx, hours)
		if errors.Is(err, kv.ErrNotFound) {
			// Nothing was counted before this hour.
			mark = floor(minuteOf(l.opts.Now()), hours.span)
			err = errors.Join(writeMark(tx, hours, mark), writeMark(tx, days, floor(mark, days.span)))
		}
		if err != nil {
			return err
		}
		l.open = mark
		l.known = make(map[string]bool)
		return eachAccount(tx, func(account string) error { l.known[account] = true; return nil })
	})
	if err != nil {
		return fmt.Errorf("ledger: opening: %w", err)
	}
	return l.loadQuota()
}

// Record counts one finished invocation. It implements an observer of reports: it does not
// keep r, waits for nothing but another core's counting, and in the long run allocates nothing.
func (l *Ledger) Record(r *outside.Report) {
	var minute int64
	if r.Start.IsZero() {
		minute = minuteOf(l.opts.Now())
	} else {
		minute = (r.Start.Unix() + int64(time.Duration(r.Start.Nanosecond())+r.Wall)/int64(time.Second)) / 60
	}
	s := l.local.Get().(*shard)
	s.mu.Lock()
	c := s.cells[id{r.Account, r.Script, r.Version}]
	if c == nil {
		c = l.newCell(s, r)
	}
	if !c.moved {
		c.moved, c.minute = true, minute
		s.dirty = append(s.dirty, c)
	} else if c.minute != minute {
		s.spill = append(s.spill, spilled{row{c.id, c.minute}, c.usage})
		c.minute, c.usage = minute, Usage{}
	}
	c.usage.record(r, c.memory)
	s.mu.Unlock()
	l.local.Put(s)
}

// Hold counts what an account has held in KV during the minutes that end now.
func (l *Ledger) Hold(account string, bytes, minutes int64) {
	l.flushes.Lock()
	defer l.flushes.Unlock()
	last := minuteOf(l.opts.Now()) - 1
	l.take(row{id{account: keyPart(account)}, last}, &Usage{KVHeld: HeldTime(bytes * minutes)}, last)
}

func (l *Ledger) newCell(s *shard, r *outside.Report) *cell {
	seen := id{strings.Clone(r.Account), strings.Clone(r.Script), strings.Clone(r.Version)}
	c := &cell{id: id{keyPart(seen.account), keyPart(seen.script), keyPart(seen.version)}, memory: DefaultMemory}
	if l.opts.Memory != nil {
		if mb := l.opts.Memory(c.account, c.script, c.version); mb > 0 {
			c.memory = int64(mb)
		}
	}
	s.cells[seen] = c
	return c
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

func timeOf(minute int64) time.Time { return time.Unix(minute*60, 0).UTC() }

// floor is the last multiple of span that is not after minute.
func floor(minute, span int64) int64 {
	if minute < 0 {
		return -floor(-minute+span-1, span)
	}
	return minute - minute%span
}
