package streams

import (
	"io"
	"sync"
)

// split returns two readers that each yield all of source. Reading one of them reads
// source; what the other has not read yet waits in memory. source is closed once both
// readers are closed or at its end. The readers may be used on different goroutines.
func split(source io.ReadCloser) (a, b io.ReadCloser) {
	s := &splitter{source: source}
	s.arrived.L = &s.mu
	for i := range s.branches {
		s.branches[i].splitter = s
	}
	return &s.branches[0], &s.branches[1]
}

type splitter struct {
	source   io.ReadCloser
	mu       sync.Mutex
	arrived  sync.Cond
	reading  bool // a branch is in source.Read
	err      error
	branches [2]splitBranch
}

type splitBranch struct {
	*splitter
	chunks fifo[[]byte] // shared with the other branch, never written to
	closed bool
}

func (b *splitBranch) Read(p []byte) (int, error) {
	s := b.splitter
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case b.closed:
			return 0, errBodyClosed
		case b.chunks.len() > 0:
			first := b.chunks.first()
			n := copy(p, *first)
			if *first = (*first)[n:]; len(*first) == 0 {
				b.chunks.shift()
			}
			return n, nil
		case s.err != nil:
			return 0, s.err
		case len(p) == 0:
			return 0, nil
		case s.reading:
			s.arrived.Wait()
		default:
			s.read(len(p))
		}
	}
}

// read reads one chunk for both branches; mu is held, but not while waiting.
func (s *splitter) read(size int) {
	s.reading = true
	s.mu.Unlock()
	chunk := make([]byte, max(size, 512))
	n, err := s.source.Read(chunk)
	s.mu.Lock()
	s.reading = false
	s.err = err
	if n > 0 {
		for i := range s.branches {
			if !s.branches[i].closed {
				s.branches[i].chunks.push(chunk[:n])
			}
		}
	}
	s.arrived.Broadcast()
}

func (b *splitBranch) Close() error {
	s := b.splitter
	s.mu.Lock()
	if b.closed {
		s.mu.Unlock()
		return nil
	}
	b.closed = true
	b.chunks = fifo[[]byte]{}
	last := s.branches[0].closed && s.branches[1].closed
	s.arrived.Broadcast()
	s.mu.Unlock()
	if last {
		return s.source.Close()
	}
	return nil
}
