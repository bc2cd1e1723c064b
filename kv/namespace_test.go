package kv_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/kv/kvtest"
)

func TestNamespace(t *testing.T) {
	for name, opts := range map[string]kv.Options{
		"InMemory": {InMemory: true},
		"Durable":  {},
		"Uncached": {InMemory: true, ReadCache: -1},
		"Small":    {InMemory: true, WriteBuffer: 1 << 20, ReadCache: 1 << 14},
	} {
		t.Run(name, func(t *testing.T) {
			kvtest.Run(t, func(t *testing.T, now func() time.Time) kvtest.Store {
				opts := opts
				opts.Now, opts.Maintenance, opts.Logger = now, -1, slog.New(slog.DiscardHandler)
				if !opts.InMemory {
					opts.Dir = t.TempDir()
				}
				db, err := kv.Open(opts)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := db.Close(); err != nil {
						t.Error(err)
					}
				})
				return db.Namespace("0123456789abcdef0123456789abcdef")
			})
		})
	}
}
