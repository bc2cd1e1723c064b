package kv

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// Options configures Open. The zero value of every field but Dir is a good default.
type Options struct {
	// Dir holds the store. It is made if missing, and locked while open.
	Dir string
	// InMemory keeps nothing after Close: the store lives in a private temporary
	// directory and does not wait for the disk. Dir must be empty.
	InMemory bool
	// Logger receives warnings and errors of the engine; nil is slog.Default().
	Logger *slog.Logger
	// Now is the wall clock, by default time.Now. A clock whose times carry a
	// monotonic reading is protected against jumps, see the package's clock rule.
	Now func() time.Time

	// ReadCache bounds the memory of the cache of namespace entries, in bytes;
	// 0 is 32 MiB, negative turns it off.
	ReadCache int64
	// Marks, if not nil, count changes: see Namespace.GetMarked. There must be a power
	// of two of them; the more there are the fewer keys share one. They may lie in
	// memory that other processes read.
	Marks []atomic.Uint64
	// BlockCache bounds the memory of the engine's cache of decompressed blocks,
	// in bytes; 0 is 8 MiB.
	BlockCache int64
	// WriteBuffer is the size in bytes of the in-memory table that collects writes
	// before they are sorted to disk; 0 is 16 MiB. It also bounds a transaction.
	WriteBuffer int64
	// Reserve is how many bytes must stay free on the disk: with less, writes fail
	// with ErrNoSpace. Deletes are let through down to half of it. 0 is four times
	// WriteBuffer, which the engine needs to tidy up; negative turns the check off,
	// and a full disk then kills the process.
	Reserve int64
	// NoSync returns from writes before they are on disk. They survive kill -9 but
	// not loss of power.
	NoSync bool
	// Maintenance is how often expired records are removed and the value log is
	// tidied; 0 is a minute, negative leaves it to Compact.
	Maintenance time.Duration

	// free replaces the question how many bytes the disk has free, in tests.
	free func(dir string) (uint64, error)
}

// Validate fills in defaults and refuses what cannot work.
func (o *Options) Validate() error {
	switch {
	case o.InMemory && o.Dir != "":
		return fmt.Errorf("kv: options: Dir %q is set together with InMemory; leave one out", o.Dir)
	case !o.InMemory && o.Dir == "":
		return fmt.Errorf("kv: options: Dir is empty; name a directory or set InMemory")
	case o.WriteBuffer != 0 && (o.WriteBuffer < 1<<20 || o.WriteBuffer > 256<<20):
		return fmt.Errorf("kv: options: WriteBuffer is %d; it must be from 1 MiB to 256 MiB", o.WriteBuffer)
	case len(o.Marks)&(len(o.Marks)-1) != 0:
		return fmt.Errorf("kv: options: there are %d Marks; it must be a power of two", len(o.Marks))
	case o.BlockCache < 0:
		return fmt.Errorf("kv: options: BlockCache is %d; it must not be negative", o.BlockCache)
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ReadCache == 0 {
		o.ReadCache = 32 << 20
	}
	if o.BlockCache == 0 {
		o.BlockCache = 8 << 20
	}
	if o.WriteBuffer == 0 {
		o.WriteBuffer = 16 << 20
	}
	if o.Reserve == 0 {
		o.Reserve = 4 * o.WriteBuffer
	}
	if o.Maintenance == 0 {
		o.Maintenance = time.Minute
	}
	if o.free == nil {
		o.free = freeBytes
	}
	return nil
}
