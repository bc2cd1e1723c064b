package kv

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/table"
	"google.golang.org/protobuf/proto"
)

// A Report tells what Repair found and did.
type Report struct {
	// Clean is true when nothing was wrong and nothing was changed.
	Clean bool
	// Moved lists damaged files, which are now in the directory "lost" of the store.
	Moved []string
	// Fixed lists files that were written anew, with the reason.
	Fixed []string
	// Records is how many records can be read, and Lost how many had to be removed
	// because their value cannot be. Keys names the first of those.
	Records, Lost int
	Keys          []string
}

// maxLostKeys is how many lost keys a Report names.
const maxLostKeys = 1000

// Repair makes a damaged store in dir usable again. It moves files that cannot be
// read aside, writes the list of files (MANIFEST) anew when it is damaged, and
// removes records whose values are gone; what was in a file moved aside is lost,
// and older states of it may come back. The newest writes are lost when the log
// that held them is damaged: the engine reads a log up to the damage, and takes
// the rest for the cut-short end of a crash. Copy the directory first.
func Repair(dir string) (*Report, error) {
	if _, err := os.Stat(filepath.Join(dir, badger.ManifestFilename)); err != nil {
		if names, _ := filepath.Glob(filepath.Join(dir, "*.vlog")); len(names) == 0 {
			return nil, fmt.Errorf("kv: %s holds no store", dir)
		}
	}
	opts := Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)}
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	r := &Report{}
	engine, err := openVerified(dir, opts)
	if err != nil {
		if err := openError(dir, err); errors.Is(err, ErrLocked) {
			return nil, err
		}
		if err := r.files(dir); err != nil {
			return r, err
		}
		if engine, err = openVerified(dir, opts); err != nil {
			return r, fmt.Errorf("%w: %s is beyond repair: %v; restore a backup into a new directory", ErrCorrupt, dir, err)
		}
	}
	db := &DB{opts: opts, dir: dir, engine: engine, ops: make(chan *op, 1), closed: make(chan struct{}), cache: newCache(-1, nil)}
	db.opts.Reserve = -1
	db.clock, _ = newClock(db.opts.Now, 0)
	db.noted = db.clock.now() // not a time to be kept
	db.idle.Add(1)
	go db.commitLoop()
	err = r.records(db)
	close(db.closed)
	db.idle.Wait()
	r.Clean = err == nil && len(r.Moved) == 0 && len(r.Fixed) == 0 && r.Lost == 0
	return r, errors.Join(err, engineError(engine.Close()))
}

// openVerified opens the engine and reads all its sorted files through.
func openVerified(dir string, opts Options) (engine *badger.DB, err error) {
	o := engineOptions(dir, opts)
	if engine, err = openEngine(o); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
		if err != nil {
			_ = engine.Close()
			engine = nil
		}
	}()
	return engine, engine.VerifyChecksum()
}

// files sets aside and rewrites what keeps the engine from opening.
func (r *Report) files(dir string) error {
	lost := filepath.Join(dir, "lost")
	if err := os.MkdirAll(lost, 0o700); err != nil {
		return fmt.Errorf("kv: repair: %w", err)
	}
	move := func(name string) error {
		to := filepath.Join(lost, filepath.Base(name))
		for n := 1; ; n++ {
			if _, err := os.Stat(to); errors.Is(err, os.ErrNotExist) {
				break
			}
			to = filepath.Join(lost, fmt.Sprintf("%s.%d", filepath.Base(name), n))
		}
		if err := os.Rename(name, to); err != nil {
			return fmt.Errorf("kv: repair: %w", err)
		}
		r.Moved = append(r.Moved, filepath.Base(name))
		return nil
	}
	var ids []uint64
	tables, _ := filepath.Glob(filepath.Join(dir, "*.sst"))
	slices.Sort(tables)
	for _, name := range tables {
		id, ok := table.ParseFileID(name)
		if ok && tableReadable(name) == nil {
			ids = append(ids, id)
		} else if err := move(name); err != nil {
			return err
		}
	}
	levels := manifestLevels(dir)
	if err := writeManifest(dir, ids, levels); err != nil {
		return fmt.Errorf("kv: repair: writing MANIFEST: %w", err)
	}
	r.Fixed = append(r.Fixed, fmt.Sprintf("MANIFEST: lists the %d readable tables", len(ids)))
	for _, pattern := range []string{"*.mem", "*.vlog"} {
		logs, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, name := range logs {
			fixed, err := fixLogHeader(name)
			if err != nil {
				if err := move(name); err != nil {
					return err
				}
			} else if fixed {
				r.Fixed = append(r.Fixed, filepath.Base(name)+": header")
			}
		}
	}
	// These two are made anew when missing; stores are not encrypted.
	for _, name := range []string{badger.KeyRegistryFileName, "DISCARD"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("kv: repair: %w", err)
			}
		}
	}
	return nil
}

// manifestLevels is the level of each table by the old list of files, as far as it
// can be read.
func manifestLevels(dir string) map[uint64]uint8 {
	levels := map[uint64]uint8{}
	f, err := os.Open(filepath.Join(dir, badger.ManifestFilename))
	if err != nil {
		return levels
	}
	defer f.Close()
	m, _, err := badger.ReplayManifestFile(f, 0, badger.Options{Dir: dir})
	if err != nil {
		return levels
	}
	for id, t := range m.Tables {
		levels[id] = t.Level
	}
	return levels
}

// writeManifest writes the engine's list of files: its magic and version, then one
// change set with length and checksum. A table of unknown level goes to the topmost
// one, where tables may overlap and the newest version of a key counts.
func writeManifest(dir string, ids []uint64, levels map[uint64]uint8) error {
	set := &pb.ManifestChangeSet{}
	for _, id := range ids {
		set.Changes = append(set.Changes, &pb.ManifestChange{Id: id, Op: pb.ManifestChange_CREATE,
			Level: uint32(levels[id]), Compression: uint32(options.Snappy)})
	}
	changes, err := proto.Marshal(set)
	if err != nil {
		return err
	}
	b := []byte("Bdgr\x00\x00\x00\x08")
	b = binary.BigEndian.AppendUint32(b, uint32(len(changes)))
	b = binary.BigEndian.AppendUint32(b, crc32.Checksum(changes, crc32.MakeTable(crc32.Castagnoli)))
	b = append(b, changes...)
	name := filepath.Join(dir, badger.ManifestFilename)
	if err := os.WriteFile(name+".new", b, 0o600); err != nil {
		return err
	}
	if err := syncFile(name + ".new"); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// fixLogHeader makes the header of a log that of an unencrypted one, as all are.
func fixLogHeader(name string) (fixed bool, err error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var key [8]byte
	if _, err := f.ReadAt(key[:], 0); err != nil {
		return false, err
	}
	if key == [8]byte{} {
		return false, nil
	}
	_, err = f.WriteAt(make([]byte, 8), 0)
	return true, errors.Join(err, f.Sync())
}

// records removes what cannot be read and counts usage again.
func (r *Report) records(db *DB) error {
	usage := map[string]Usage{}
	var bad [][]byte
	err := db.View(func(tx *Tx) error {
		return tx.walk(nil, nil, false, func(item *badger.Item) (bool, error) {
			k := item.KeyCopy(nil)
			if r.readable(tx, item, usage) {
				r.Records++
				return true, nil
			}
			bad = append(bad, k)
			return true, nil
		})
	})
	if err != nil {
		return err
	}
	r.Lost = len(bad)
	for _, k := range bad[:min(len(bad), maxLostKeys)] {
		r.Keys = append(r.Keys, fmt.Sprintf("%q", k[1:]))
	}
	ctx := context.Background()
	for part := range slices.Chunk(bad, 500) {
		err := db.submit(ctx, &op{trusted: true, fn: func(tx *Tx) error {
			for _, k := range part {
				if err := tx.delete(k); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return r.recount(db, usage)
}

// recount writes the usage records that differ from what was counted.
func (r *Report) recount(db *DB, usage map[string]Usage) error {
	wrong := map[string]Usage{}
	err := db.View(func(tx *Tx) error {
		err := tx.walk([]byte{kindUsage}, nil, false, func(item *badger.Item) (bool, error) {
			id := string(item.Key()[1:])
			if _, ok := usage[id]; !ok {
				wrong[id] = Usage{}
			}
			return true, nil
		})
		for id, u := range usage {
			if was, err := readUsage(tx.txn, id); err != nil || was != u {
				wrong[id] = u
			}
		}
		return err
	})
	if err != nil || len(wrong) == 0 {
		return err
	}
	r.Fixed = append(r.Fixed, fmt.Sprintf("usage of %d namespaces", len(wrong)))
	return db.submit(context.Background(), &op{trusted: true, fn: func(tx *Tx) error {
		for _, id := range sortedKeys(wrong) {
			if err := tx.delete(usageKey(id)); err != nil {
				return err
			}
			tx.batch.add(id, wrong[id])
		}
		return nil
	}})
}
