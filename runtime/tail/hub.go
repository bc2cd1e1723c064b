package tail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// MaxViewers is how many may watch one script at a time.
const MaxViewers = 10

// MaxRate is how many items a second the viewers of a script get together. Others are
// dropped, so that watching a busy script costs little of its throughput.
const MaxRate = 500

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
	items   chan *shown
	dropped atomic.Int64

	second atomic.Int64 // since the epoch, in which it was given
	given  atomic.Int64 // items
}

// A shown report is turned into text once, by the first viewer that sends it.
type shown struct {
	report *outside.Report
	once   sync.Once
	text   []byte
	err    error
}

func (s *shown) marshal() ([]byte, error) {
	s.once.Do(func() { s.text, s.err = Marshal(s.report) })
	return s.text, s.err
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
	var item *shown
	viewers := h.viewers[key{r.Account, r.Script}]
	for _, v := range viewers {
		if !v.passes(r) {
			continue
		}
		if v.paced(r.Start.Add(r.Wall).Unix(), MaxRate/len(viewers)) {
			if item == nil {
				item = &shown{report: r}
			}
			select {
			case v.items <- item:
				continue
			default:
			}
		}
		v.dropped.Add(1)
	}
}

// paced reports whether the viewer may get one more of rate items in this second.
func (v *viewer) paced(second int64, rate int) bool {
	if last := v.second.Load(); second > last && v.second.CompareAndSwap(last, second) {
		v.given.Store(0)
	}
	return v.given.Add(1) <= int64(rate)
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
// filters, until ctx is done, which is no error, or send fails. Each second it tells of
// reports that were dropped.
func (h *Hub) Watch(ctx context.Context, account, script string, filters []Filter, send func([]byte) error) error {
	v := &viewer{filters: filters, items: make(chan *shown, queueLength)}
	if err := h.join(key{account, script}, v); err != nil {
		return err
	}
	defer h.leave(key{account, script}, v)
	tick := time.NewTicker(noticeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case item := <-v.items:
			text, err := item.marshal()
			if err != nil {
				return err
			}
			if err := send(text); err != nil {
				return err
			}
		case <-tick.C:
			if n := v.dropped.Swap(0); n > 0 {
				if err := send(notice(n)); err != nil {
					return err
				}
			}
		}
	}
}

// noticeEvery is how often a viewer may be told of dropped items.
const noticeEvery = time.Second

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
