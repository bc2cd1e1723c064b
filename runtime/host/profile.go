package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/google/pprof/profile"
)

// A Profiler takes profiles of the process it is in. The zero value is ready.
type Profiler struct {
	mu   sync.Mutex
	busy map[string]bool
}

// Names of profiles: "profile" is of CPU time.
var profiles = map[string]func(ctx context.Context, d time.Duration) (*profile.Profile, error){
	"profile":   profileCPU,
	"allocs":    func(ctx context.Context, d time.Duration) (*profile.Profile, error) { return change(ctx, "allocs", d) },
	"heap":      func(ctx context.Context, d time.Duration) (*profile.Profile, error) { return change(ctx, "heap", d) },
	"goroutine": func(context.Context, time.Duration) (*profile.Profile, error) { return snapshot("goroutine") },
	"block": func(ctx context.Context, d time.Duration) (*profile.Profile, error) {
		runtime.SetBlockProfileRate(int(blockSampled))
		defer runtime.SetBlockProfileRate(0)
		return change(ctx, "block", d)
	},
	"mutex": func(ctx context.Context, d time.Duration) (*profile.Profile, error) {
		runtime.SetMutexProfileFraction(mutexSampled)
		defer runtime.SetMutexProfileFraction(0)
		return change(ctx, "mutex", d)
	},
}

const (
	blockSampled = 10 * time.Microsecond // of waiting for each sample
	mutexSampled = 10                    // of so many contentions, one
)

// ErrNoProfile says that there is no profile of a name.
var ErrNoProfile = errors.New("there are profile (of CPU time), allocs, heap, goroutine, block and mutex")

// ErrProfiling says that the same profile is being taken already.
var ErrProfiling = errors.New("that profile is being taken already")

// Take takes a profile over d: "profile" is of CPU time; "allocs", "heap", "block" and
// "mutex" are what changed in that time, or for 0 since the process has started, of which
// the last two know nothing; "goroutine" is the present. It returns early with what it
// has when ctx is done.
func (p *Profiler) Take(ctx context.Context, name string, d time.Duration) (*profile.Profile, error) {
	take := profiles[name]
	if take == nil {
		return nil, ErrNoProfile
	}
	p.mu.Lock()
	if p.busy[name] {
		p.mu.Unlock()
		return nil, ErrProfiling
	}
	if p.busy == nil {
		p.busy = map[string]bool{}
	}
	p.busy[name] = true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.busy, name)
		p.mu.Unlock()
	}()
	return take(ctx, d)
}

func profileCPU(ctx context.Context, d time.Duration) (*profile.Profile, error) {
	var text bytes.Buffer
	if err := pprof.StartCPUProfile(&text); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrProfiling, err) // by somebody else in this process
	}
	pause(ctx, d)
	pprof.StopCPUProfile()
	return profile.ParseData(text.Bytes())
}

// change is what a profile has more after d than before.
func change(ctx context.Context, name string, d time.Duration) (*profile.Profile, error) {
	if d <= 0 {
		return snapshot(name)
	}
	before, err := snapshot(name)
	if err != nil {
		return nil, err
	}
	pause(ctx, d)
	after, err := snapshot(name)
	if err != nil {
		return nil, err
	}
	before.Scale(-1)
	p, err := profile.Merge([]*profile.Profile{before, after})
	if err != nil {
		return nil, err
	}
	p.TimeNanos, p.DurationNanos = before.TimeNanos, int64(d)
	return p, nil
}

func snapshot(name string) (*profile.Profile, error) {
	if name == "allocs" || name == "heap" {
		runtime.GC() // they are as of the last collection
	}
	var text bytes.Buffer
	if err := pprof.Lookup(name).WriteTo(&text, 0); err != nil {
		return nil, err
	}
	return profile.ParseData(text.Bytes())
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// maxProfile bounds the profile of a child, which is not to be trusted.
const maxProfile = 64 << 20

// Profile implements Host.
func (p *Process) Profile(ctx context.Context, name string, d time.Duration) ([]*profile.Profile, error) {
	p.mu.Lock()
	all := p.children()
	p.mu.Unlock()
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		list []*profile.Profile
		errs error
	)
	for _, c := range all {
		wg.Go(func() {
			found, err := c.profile(ctx, name, d)
			if errors.Is(err, errGone) {
				return // one that has ended meanwhile
			}
			mu.Lock()
			defer mu.Unlock()
			errs = errors.Join(errs, err)
			list = append(list, found)
		})
	}
	wg.Wait()
	return list, errs
}

func (c *child) profile(ctx context.Context, name string, d time.Duration) (*profile.Profile, error) {
	reply, err := c.errand(ctx, errandProfile, nil, appendInt(appendString(nil, name), int64(d)))
	if err != nil {
		return nil, err
	}
	text := reply.bytes()
	if err := reply.done(); err != nil {
		return nil, err
	}
	if len(text) > maxProfile {
		return nil, fmt.Errorf("the profile of host process %d has %d bytes, more than %d", c.cmd.Process.Pid, len(text), maxProfile)
	}
	// Not compressed, so that it is not larger than it looks.
	return profile.ParseUncompressed(text)
}

// profile does the errand in a child.
func (g *guest) profile(d *decoder) ([]byte, error) {
	name, over := d.string(), d.duration()
	if err := d.done(); err != nil {
		return nil, err
	}
	p, err := g.profiler.Take(context.Background(), name, over)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := p.WriteUncompressed(&text); err != nil {
		return nil, err
	}
	return appendBytes(nil, text.Bytes()), nil
}

// Profile implements Host: there are no other processes.
func (InProcess) Profile(context.Context, string, time.Duration) ([]*profile.Profile, error) {
	return nil, nil
}
