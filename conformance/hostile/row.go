package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// An assault is one row of the table.
type assault struct {
	group, name string
	// run attacks once and says how that ended.
	run func(ctx context.Context, a *arena) finding
	// short ones are run by go test.
	short bool
	// deadly ones take down the process they run in: a host process, or the server where
	// nothing contains it.
	deadly bool
	// costly ones may cost the host process they run in, though an isolate alone holds them.
	costly bool
	// once is for what cannot be repeated to fill a window.
	once bool
	// shared says what the good workers cannot have for themselves, so that they get
	// slower; "" for most.
	shared string
}

// A finding is how an attack ended.
type finding struct {
	ended string        // in a word or two, for the table
	took  time.Duration // until it was answered; 0 where that means nothing
	wrong string        // what must not be, "" if all is well
}

func wrongf(format string, args ...any) finding {
	return finding{ended: "WRONG", wrong: fmt.Sprintf(format, args...)}
}

// A row is what came of an assault.
type row struct {
	*assault
	finding
	quiet, p99 time.Duration // of the good workers
	requests   int           // of the good workers
	bystanders int
	tries      int
	slower     string // why the good workers were slower, where that is known
	fatal      bool   // the server ended
}

const (
	// restFor is how long the good workers are measured before each attack, attackFor how
	// long an attack goes on at least.
	restFor   = 150 * time.Millisecond
	attackFor = 400 * time.Millisecond
	// settleFor is how long after an attack what it leaves is still felt as its doing.
	settleFor = 100 * time.Millisecond
	// factor is by how much the good workers may get slower, unless they stay below enough.
	factor = 5
	enough = 25 * time.Millisecond
)

// attempt carries out one assault and judges it.
func (a *arena) attempt(ctx context.Context, s *assault) row {
	for tries := 1; ; tries++ {
		r := a.once(ctx, s)
		r.tries = tries
		if !a.lenient && r.wrong == "" && r.p99 > max(factor*r.quiet, enough) {
			if tries < 3 {
				continue
			}
			if r.slower = s.shared; r.slower != "" {
				return r
			}
			r.wrong = fmt.Sprintf("the good workers' p99 went from %v to %v", r.quiet.Round(time.Microsecond), r.p99.Round(time.Microsecond))
		}
		return r
	}
}

func (a *arena) once(ctx context.Context, s *assault) row {
	r := row{assault: s, quiet: a.probes.rest(restFor)}
	start := time.Now()
	r.finding = s.run(ctx, a)
	for !s.once && !s.deadly && r.wrong == "" && time.Since(start) < attackFor {
		if more := s.run(ctx, a); more.wrong != "" {
			r.finding = more
		}
	}
	time.Sleep(settleFor)
	w := a.probes.take()
	r.p99, r.requests, r.bystanders = p99(w.times), len(w.times), w.bystanders
	if !a.alive() {
		r.fatal = true
		r.ended, r.wrong = "server dies", "the server has ended: "+firstLine(a.Output())
		return r
	}
	if r.wrong == "" && w.failed > 0 {
		r.wrong = fmt.Sprintf("%d of %d requests of good workers failed: %s", w.failed, r.requests, w.failure)
	}
	if r.wrong == "" && w.bystanders > 0 && !s.deadly && !s.costly {
		r.wrong = fmt.Sprintf("%d of %d requests of good workers lost their host process", w.bystanders, r.requests)
	}
	// The machine may have become busier meanwhile by something else.
	r.quiet = max(r.quiet, a.probes.rest(restFor))
	return r
}

// fill writes n bytes of nothing.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.left))
	clear(p[:n])
	z.left -= int64(n)
	return n, nil
}

// hung reports whether err says that there was no answer in time.
func hung(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
