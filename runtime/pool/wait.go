package pool

import (
	"context"
	"time"
)

// lend is take for an event that waits for room if there is none. ctx may be nil.
func (s *set) lend(ctx context.Context) (*instance, error) {
	s.mu.Lock()
	i, room := s.take()
	if room {
		s.mu.Unlock()
		return i, nil
	}
	late := time.NewTimer(s.pool.o.Wait)
	defer late.Stop()
	var gone <-chan struct{}
	if ctx != nil {
		gone = ctx.Done()
	}
	first := false
	for {
		turn := make(chan struct{})
		place := s.waiting.PushBack(turn)
		if first {
			s.waiting.MoveToFront(place) // another one was faster: it goes on being the next
		}
		s.mu.Unlock()
		var err error
		select {
		case <-turn:
			first = true
		case <-late.C:
			err = ErrFull
		case <-gone:
			err = context.Cause(ctx)
		}
		s.mu.Lock()
		if err != nil {
			select {
			case <-turn: // which is another's now
				s.wake(1)
			default:
				s.waiting.Remove(place)
			}
			s.mu.Unlock()
			return nil, err
		}
		if i, room := s.take(); room {
			s.mu.Unlock()
			return i, nil
		}
	}
}

// wake lets so many of those who wait try again. s.mu is held.
func (s *set) wake(n int) {
	for ; n > 0; n-- {
		first := s.waiting.Front()
		if first == nil {
			return
		}
		close(s.waiting.Remove(first).(chan struct{}))
	}
}
