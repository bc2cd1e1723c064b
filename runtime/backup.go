package runtime

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/mayfly-edge/mayfly/runtime/control"
)

// backupFlush is how much of a backup is gathered before it is sent.
const backupFlush = 1 << 20

// Backup streams a backup of the whole store, deployments, KV, usage and logs, as
// kv.DB.Backup writes it. The query parameter since is the version of the backup that it
// builds on. Requests are served meanwhile. A connection that ends without the last
// chunk of the body means that the backup is not complete.
func (rt *Runtime) Backup() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var since uint64
		if text := r.URL.Query().Get("since"); text != "" {
			var err error
			if since, err = strconv.ParseUint(text, 10, 64); err != nil {
				refuse(w, "since="+text+" must be the version of an earlier backup")
				return
			}
		}
		out := &backupBody{w: w}
		if _, err := rt.db.Backup(out, since); err != nil {
			if !out.begun {
				refuse(w, strings.TrimPrefix(err.Error(), "kv: "))
				return
			}
			rt.cfg.Log.Warn("a backup was cut short", "error", err)
			panic(http.ErrAbortHandler) // so that the client does not take it for whole
		}
		out.flush()
	})
}

// backupBody begins the answer with the first bytes, so that an error before them has a
// status of its own.
type backupBody struct {
	w     http.ResponseWriter
	begun bool
	since int // bytes since the last flush
}

func (b *backupBody) Write(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.w.Header().Set("Content-Type", "application/octet-stream")
		b.w.WriteHeader(http.StatusOK)
		b.flush()
	}
	n, err := b.w.Write(p)
	if b.since += n; b.since >= backupFlush {
		b.flush()
	}
	return n, err
}

func (b *backupBody) flush() {
	b.since = 0
	if f, ok := b.w.(http.Flusher); ok {
		f.Flush()
	}
}

// Compact makes the store smaller; see kv.DB.Compact.
func (rt *Runtime) Compact(ctx context.Context, _ control.Question) (any, error) {
	return nil, rt.db.Compact(ctx)
}

// refuse answers in the control plane's envelope what is wrong with a request.
func refuse(w http.ResponseWriter, message string) {
	text, _ := json.Marshal(map[string]any{ // strings cannot fail
		"success": false, "messages": []any{}, "result": nil,
		"errors": []any{map[string]any{"code": 10021, "message": message}},
	})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write(append(text, '\n')) // the client may have left
}
