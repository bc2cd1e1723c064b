package tail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// MaxViewers is how many may watch one script at a time.
const MaxViewers = 10

// queueLength is how many items may wait for a viewer.
const queueLength = 256

// ErrTooManyViewers is returned by Watch.
var ErrTooManyViewers = errors.New("the script has ten viewers already")

// A Hub passes reports on to viewers. The zero value has none. Its methods may be
// called from any goroutine.
type Hub struct {
	watched atomic.Int32 // viewers in all

	mu      sync.RWMutex
	viewers map[key][]*viewer
}

type key struct{ account, script string }

type viewer struct {
	filters []Filter
	items   chan *outside.Report
	dropped atomic.Int64
}

// Viewers is how many watch now, whichever script.
func (h *Hub) Viewers() int { return int(h.watched.Load()) }

// Publish shows a report to those who watch its script. It never blocks.
func (h *Hub) Publish(r *outside.Report) {
	if h.watched.Load() == 0 {
		return
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, v := range h.viewers[key{r.Account, r.Script}] {
		if !v.passes(r) {
			continue
		}
		select {
		case v.items <- r:
		default:
			v.dropped.Add(1)
		}
	}
}

func (v *viewer) passes(r *outside.Report) bool {
	for _, f := range v.filters {
		if !f(r) {
			return false
		}
	}
	return true
}

// Watch calls send with the JSON text of each report of a script that passes the
// filters, until ctx is done, which is no error, or send fails.
func (h *Hub) Watch(ctx context.Context, account, script string, filters []Filter, send func([]byte) error) error {
	v := &viewer{filters: filters, items: make(chan *outside.Report, queueLength)}
	if err := h.join(key{account, script}, v); err != nil {
		return err
	}
	defer h.leave(key{account, script}, v)
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-v.items:
			text, err := Marshal(r)
			if err != nil {
				return err
			}
			if err := send(text); err != nil {
				return err
			}
			if n := v.dropped.Swap(0); n > 0 {
				if err := send(notice(n)); err != nil {
					return err
				}
			}
		}
	}
}

// notice tells a viewer that it has lost items.
func notice(n int64) []byte {
	text, _ := json.Marshal(item{ // plain strings and numbers cannot fail
		Outcome: outside.OutcomeOK, ExecutionModel: "stateless", Diagnostics: []any{}, Logs: []log{}, Exceptions: []exception{},
		Event: map[string]string{"type": "overload", "message": fmt.Sprintf("Tail is too slow for this script: %d items were dropped.", n)},
	})
	return text
}

func (h *Hub) join(k key, v *viewer) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.viewers[k]) >= MaxViewers {
		return ErrTooManyViewers
	}
	if h.viewers == nil {
		h.viewers = map[key][]*viewer{}
	}
	h.viewers[k] = append(h.viewers[k], v)
	h.watched.Add(1)
	return nil
}

func (h *Hub) leave(k key, v *viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, other := range h.viewers[k] {
		if other == v {
			h.viewers[k] = append(h.viewers[k][:i:i], h.viewers[k][i+1:]...)
			h.watched.Add(-1)
			break
		}
	}
	if len(h.viewers[k]) == 0 {
		delete(h.viewers, k)
	}
}
