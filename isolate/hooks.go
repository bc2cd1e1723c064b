package isolate

import (
	"sync"
	"sync/atomic"
)

// hooks are what packages that run code beside the JavaScript engine want to know.
type hooks struct {
	mu          sync.Mutex
	onInterrupt []func()
	onClose     []func()
	over        bool
	state       atomic.Uint32
}

// The state of an isolate as its hooks see it.
const (
	running uint32 = 1 << iota // a turn runs
	closing                    // the isolate is closed, or will be when the turn ends
)

// OnInterrupt has f called when the isolate is interrupted for good, after the
// JavaScript engine was told. f runs on the watchdog's goroutine while a turn runs; it
// must be quick and must not enter the isolate.
func (iso *Isolate) OnInterrupt(f func()) {
	iso.hooks.mu.Lock()
	defer iso.hooks.mu.Unlock()
	iso.hooks.onInterrupt = append(iso.hooks.onInterrupt, f)
}

// OnClose has f called once, when the isolate is closed and no turn runs any more; at
// once if that is so already.
func (iso *Isolate) OnClose(f func()) {
	h := &iso.hooks
	h.mu.Lock()
	if h.over {
		h.mu.Unlock()
		f()
		return
	}
	h.onClose = append(h.onClose, f)
	h.mu.Unlock()
}

func (h *hooks) interrupted() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.onInterrupt {
		f()
	}
}

// begin is called at the start of a turn.
func (h *hooks) begin() { h.state.Or(running) }

// end is called at the end of a turn.
func (h *hooks) end() {
	if h.state.And(^running)&closing != 0 {
		h.closed()
	}
}

// close is called when the isolate is closed.
func (h *hooks) close() {
	if h.state.Or(closing)&running == 0 {
		h.closed()
	}
}

func (h *hooks) closed() {
	h.mu.Lock()
	list := h.onClose
	h.onClose, h.over = nil, true
	h.mu.Unlock()
	for _, f := range list {
		f()
	}
}
