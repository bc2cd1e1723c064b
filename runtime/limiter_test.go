package runtime

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func background() context.Context { return context.Background() }

func TestLimiterServesInOrder(t *testing.T) {
	l := newLimiter(2)
	for range 2 {
		if err := l.acquire(background, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	order := make(chan int)
	for i := range 2 {
		go func() {
			if err := l.acquire(background, time.Minute); err != nil {
				t.Error(err)
			}
			order <- i
		}()
		for waiting(l) != i+1 { // it waits
			select {
			case <-order:
				t.Fatal("a request over the limit does not wait")
			default:
			}
		}
	}
	if err := l.acquire(background, time.Minute); !errors.Is(err, errShed) {
		t.Errorf("with a full queue: %v", err)
	}
	for want := range 2 {
		l.release()
		if got := <-order; got != want {
			t.Errorf("request %d went before request %d", got, want)
		}
	}
	l.release()
	l.release()
	if l.inUse != 0 || waiting(l) != 0 {
		t.Errorf("%d in use and %d waiting in the end", l.inUse, waiting(l))
	}
}

func TestLimiterGivesUp(t *testing.T) {
	l := newLimiter(1)
	if err := l.acquire(background, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := l.acquire(background, time.Nanosecond); !errors.Is(err, errShed) {
		t.Errorf("after the timeout: %v", err)
	}
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(gone)
	if err := l.acquire(func() context.Context { return ctx }, time.Minute); !errors.Is(err, gone) {
		t.Errorf("when the client has left: %v", err)
	}
	l.release()
	if err := l.acquire(background, time.Nanosecond); err != nil {
		t.Errorf("the place is lost: %v", err)
	}
}

func TestLimiterHammer(t *testing.T) {
	const limit = 4
	l := newLimiter(limit)
	var inside atomic.Int64
	var wg sync.WaitGroup
	for worker := range 4 * limit {
		wg.Go(func() {
			for i := range 500 {
				timeout := time.Minute
				if (worker+i)%7 == 0 {
					timeout = time.Microsecond
				}
				if l.acquire(background, timeout) != nil {
					continue
				}
				if n := inside.Add(1); n > limit {
					t.Errorf("%d are inside", n)
				}
				inside.Add(-1)
				l.release()
			}
		})
	}
	wg.Wait()
	if l.inUse != 0 || waiting(l) != 0 {
		t.Errorf("%d in use and %d waiting in the end", l.inUse, waiting(l))
	}
}

func TestLimiterAllocates(t *testing.T) {
	l := newLimiter(1)
	if n := testing.AllocsPerRun(100, func() {
		if err := l.acquire(background, time.Minute); err != nil {
			t.Fatal(err)
		}
		l.release()
	}); n != 0 {
		t.Errorf("%v allocations on the fast path", n)
	}
}

func waiting(l *limiter) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting.Len()
}
