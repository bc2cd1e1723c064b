package htmlrewriter

import (
	"io"
	"sync"
)

// A headStart reads ahead of its reader until it has read some, and leaves it to the
// reader from then on. A script that writes to the stream which it has given to transform
// may wait for its writes before it lets anybody read the result.
type headStart struct {
	io.ReadCloser

	mu      sync.Mutex
	changed sync.Cond
	ahead   []byte
	over    bool // the start, so that the reader may read by itself
	err     error
}

func newHeadStart(source io.ReadCloser) *headStart {
	h := &headStart{ReadCloser: source}
	h.changed.L = &h.mu
	go h.run()
	return h
}

func (h *headStart) run() {
	piece := make([]byte, 4<<10)
	for over := false; !over; {
		n, err := h.ReadCloser.Read(piece)
		h.mu.Lock()
		h.ahead = append(h.ahead, piece[:n]...)
		over = err != nil || len(h.ahead) >= enough
		h.err, h.over = err, over
		h.changed.Signal()
		h.mu.Unlock()
	}
}

func (h *headStart) Read(p []byte) (int, error) {
	h.mu.Lock()
	for len(h.ahead) == 0 && !h.over {
		h.changed.Wait()
	}
	n, err := copy(p, h.ahead), h.err
	h.ahead = h.ahead[n:]
	h.mu.Unlock()
	if n > 0 || err != nil || len(p) == 0 {
		if n > 0 {
			err = nil
		}
		return n, err
	}
	return h.ReadCloser.Read(p)
}
