package logs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/kv"
)

// Retention is how long items are kept.
const Retention = 7 * 24 * time.Hour

const (
	batchItems = 256                    // in one transaction
	writeEvery = 200 * time.Millisecond // at most, so that transactions are few
	maxItem    = 512 << 10              // bytes; larger items are kept without their console lines
)

// Options configure a Keeper. Marshal is required.
type Options struct {
	// Marshal gives the JSON text of a report, as it is kept and answered.
	Marshal func(*outside.Report) ([]byte, error)
	// Queue is how many items may wait to be written. 0 means 4096.
	Queue  int
	Now    func() time.Time // nil means time.Now
	Logger *slog.Logger     // nil discards
}

// A Keeper keeps reports. Its methods may be called from any goroutine.
type Keeper struct {
	db    *kv.DB
	o     Options
	queue chan *outside.Report

	mu      sync.Mutex
	dropped map[owner]int
	seq     uint64 // of the items written, to tell those of one moment apart; Run's own
}

// owner is whose items they are.
type owner struct{ account, script string }

// New returns a Keeper over db. Run writes what it is given.
func New(db *kv.DB, o Options) *Keeper {
	if o.Queue == 0 {
		o.Queue = 4096
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Keeper{db: db, o: o, queue: make(chan *outside.Report, o.Queue), dropped: map[owner]int{}}
}

// Keep keeps a report, or with a rate below 1 only that share of them. It does not block.
func (k *Keeper) Keep(r *outside.Report, rate float64) {
	if rate < 1 && rand.Float64() >= rate {
		return
	}
	select {
	case k.queue <- r:
	default:
		k.mu.Lock()
		k.dropped[owner{r.Account, r.Script}]++
		k.mu.Unlock()
	}
}

// Run writes what is kept until ctx is done; then it writes what is left and returns.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			k.flush()
			return
		case <-tick.C:
			k.flush()
		}
	}
}

// flush writes what is in the queue.
func (k *Keeper) flush() {
	k.mu.Lock()
	dropped := k.dropped
	if len(dropped) > 0 {
		k.dropped = map[owner]int{}
	}
	k.mu.Unlock()
	for {
		batch := k.take()
		if len(batch) == 0 && len(dropped) == 0 {
			return
		}
		for o, n := range dropped {
			batch = append(batch, k.note(o, n))
		}
		dropped = nil
		err := k.db.Update(func(tx *kv.Tx) error {
			for _, i := range batch {
				if err := tx.PutTTL(bucket, i.key, i.text, Retention); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			k.o.Logger.Error("logs were not kept", "items", len(batch), "error", err)
			return
		}
	}
}

// item is what is written for one report.
type item struct {
	key  string
	text []byte
}

// take takes up to batchItems out of the queue.
func (k *Keeper) take() (batch []item) {
	for len(batch) < batchItems {
		select {
		case r := <-k.queue:
			text, err := k.o.Marshal(r)
			if err == nil && len(text) > maxItem {
				short := *r
				short.Logs, short.Truncated = nil, true
				text, err = k.o.Marshal(&short)
			}
			if err != nil {
				k.o.Logger.Error("a log item was not kept", "script", r.Script, "error", err)
				continue
			}
			batch = append(batch, item{k.key(owner{r.Account, r.Script}, r.Start), text})
		default:
			return batch
		}
	}
	return batch
}

// note is an item that tells of dropped ones.
func (k *Keeper) note(o owner, n int) item {
	now := k.o.Now()
	text, _ := json.Marshal(map[string]any{ // numbers and strings cannot fail
		"outcome": "unknown", "scriptName": o.script, "eventTimestamp": now.UnixMilli(), "logs": []any{}, "exceptions": []any{},
		"event": map[string]string{"type": "overload", "message": fmt.Sprintf("Logs come too fast to be kept: %d invocations were dropped.", n)},
	})
	return item{k.key(o, now), text}
}

// bucket holds the items. A key is ACCOUNT / SCRIPT / time and number, so that the items
// of a script lie together, in order.
const bucket = "logs"

func prefix(o owner) string { return o.account + "/" + o.script + "/" }

func (k *Keeper) key(o owner, at time.Time) string {
	k.seq++
	return prefix(o) + moment(at) + fmt.Sprintf("%08x", uint32(k.seq))
}

// moment is a time in a key.
func moment(at time.Time) string { return fmt.Sprintf("%016x", max(at.UnixNano(), 0)) }

// timeOf is the part of a key that moment made.
func timeOf(o owner, key string) string {
	rest := strings.TrimPrefix(key, prefix(o))
	return rest[:min(len(rest), 16)]
}
