package kv

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"math"

	"github.com/dgraph-io/badger/v4"
)

// A backup is, all numbers big endian:
//
//	magic    8 bytes
//	format   uint32, backupFormat
//	since    uint64, the version the backup builds on, 0 for a full one
//	version  uint64, the version it brings the store to
//	records  each: mark 1 byte; key uint32 length and bytes; unless deleted: user
//	         meta 1 byte, value uint32 length and bytes
//	end      mark 1 byte, count of records uint64, CRC-64 (ECMA) of all before it
const (
	backupMagic  = "mayflykv"
	backupFormat = 1

	markPut    = 'P'
	markDelete = 'D'
	markEnd    = 'E'
)

var (
	metaRestored  = []byte("mrestored")  // version of the last backup restored
	metaRestoring = []byte("mrestoring") // set while a restore is under way
)

// Backup writes the store as it is now to w and answers its version. Given a
// version as since, only what changed after it is written; 0 writes everything.
// Reads and writes go on meanwhile.
//
// An incremental backup may not know of records deleted, or removed after their
// expiry, whose traces compaction has swept away since; make a full one now and
// then.
func (db *DB) Backup(w io.Writer, since uint64) (version uint64, err error) {
	if db.isClosed() {
		return 0, ErrClosed
	}
	txn := db.engine.NewTransaction(false)
	defer txn.Discard()
	version = txn.ReadTs()
	if since > version {
		return 0, fmt.Errorf("kv: backup since version %d of a store at version %d; use a version that Backup answered for this store", since, version)
	}
	out := newBackupWriter(w)
	out.bytes([]byte(backupMagic))
	out.uint32(backupFormat)
	out.uint64(since)
	out.uint64(version)
	it := txn.NewIterator(badger.IteratorOptions{AllVersions: since > 0, SinceTs: since})
	defer it.Close()
	var last []byte
	var count uint64
	for it.Rewind(); it.Valid() && out.err == nil; it.Next() {
		item := it.Item()
		if last != nil && bytes.Equal(last, item.Key()) || item.Key()[0] == kindMeta {
			continue // an older version, or about this store only
		}
		last = item.KeyCopy(last)
		count++
		if item.IsDeletedOrExpired() {
			out.byte(markDelete)
			out.sized(last)
			continue
		}
		out.byte(markPut)
		out.sized(last)
		out.byte(item.UserMeta())
		if err := item.Value(func(v []byte) error { out.sized(v); return nil }); err != nil {
			return 0, fmt.Errorf("%w: the value of record %q: %v; run `mayfly repair`", ErrCorrupt, last, err)
		}
	}
	out.byte(markEnd)
	out.uint64(count)
	out.uint64(out.sum)
	if err := out.flush(); err != nil {
		return 0, fmt.Errorf("kv: writing the backup: %w", err)
	}
	return version, nil
}

// Restore reads a backup into the store. A full one needs an empty store; an
// incremental one the store into which the backup it builds on was restored last.
// When it fails the store is incomplete and refuses to be opened again: remove it
// and restore into a new one.
func (db *DB) Restore(r io.Reader) (version uint64, err error) {
	in := &backupReader{r: bufio.NewReaderSize(r, 1<<16)}
	magic := in.bytes(len(backupMagic))
	format, since, version := in.uint32(), in.uint64(), in.uint64()
	switch {
	case in.err != nil || string(magic) != backupMagic:
		return 0, fmt.Errorf("%w: this is not a backup of a mayfly store", ErrCorrupt)
	case format != backupFormat:
		return 0, fmt.Errorf("kv: the backup has format %d, but this program knows format %d", format, backupFormat)
	}
	if err := db.restorable(since); err != nil {
		return 0, err
	}
	ctx := context.Background()
	err = db.restoreBatch(ctx, []backupRecord{{key: metaRestoring, put: true}})
	if err != nil {
		return 0, err
	}
	var count uint64
	var batch []backupRecord
	size := writeSize{}
	for {
		mark := in.byte()
		if mark == markEnd || in.err != nil {
			break
		}
		rec := backupRecord{key: in.sized(), put: mark == markPut}
		if rec.put {
			rec.meta, rec.value = in.byte(), in.sized()
		}
		if in.err != nil || mark != markPut && mark != markDelete || len(rec.key) == 0 || rec.key[0] == kindMeta {
			return 0, fmt.Errorf("%w: the backup is cut short or altered after %d records (%v)", ErrCorrupt, count, in.err)
		}
		count++
		if !size.fits(db) {
			if err := db.restoreBatch(ctx, batch); err != nil {
				return 0, err
			}
			batch, size = batch[:0], writeSize{}
		}
		batch = append(batch, rec)
		size.add("", string(rec.key), len(rec.value))
	}
	n := in.uint64()
	sum := in.sum
	if got := in.uint64(); in.err != nil || n != count || got != sum {
		return 0, fmt.Errorf("%w: the backup is cut short or altered: its checksum does not match after %d records", ErrCorrupt, count)
	}
	batch = append(batch, backupRecord{key: metaRestoring},
		backupRecord{key: metaRestored, value: binary.BigEndian.AppendUint64(nil, version), put: true})
	return version, db.restoreBatch(ctx, batch)
}

// restorable refuses to mix a backup with what it does not build on.
func (db *DB) restorable(since uint64) error {
	return db.View(func(tx *Tx) error {
		at, err := metaNumber(tx.txn, metaRestored)
		if err != nil {
			return err
		}
		if since != 0 && since != at {
			return fmt.Errorf("kv: the backup builds on version %d, but the store was restored to version %d (0 is never); restore the backups in order", since, at)
		}
		if since != 0 {
			return nil
		}
		return tx.walk(nil, nil, false, func(item *badger.Item) (bool, error) {
			if item.Key()[0] != kindMeta {
				return false, errors.New("kv: a full backup can only be restored into an empty store; name a new data directory")
			}
			return true, nil
		})
	})
}

type backupRecord struct {
	key, value []byte
	meta       byte
	put        bool
}

func (db *DB) restoreBatch(ctx context.Context, records []backupRecord) error {
	err := db.submit(ctx, &op{trusted: true, fn: func(tx *Tx) error {
		db.usage.forget()
		for _, r := range records {
			if !r.put {
				if err := tx.delete(r.key); err != nil {
					return err
				}
			} else if err := tx.set(&badger.Entry{Key: r.key, Value: r.value, UserMeta: r.meta}); err != nil {
				return err
			}
		}
		return nil
	}})
	db.cache.clear()
	return err
}

// A backupWriter writes numbers and counted bytes and sums them up.
type backupWriter struct {
	w   *bufio.Writer
	sum uint64
	err error
	tab *crc64.Table
}

func newBackupWriter(w io.Writer) *backupWriter {
	return &backupWriter{w: bufio.NewWriterSize(w, 1<<16), tab: crc64.MakeTable(crc64.ECMA)}
}

func (b *backupWriter) bytes(p []byte) {
	b.sum = crc64.Update(b.sum, b.tab, p)
	if b.err == nil {
		_, b.err = b.w.Write(p)
	}
}

func (b *backupWriter) byte(c byte)     { b.bytes([]byte{c}) }
func (b *backupWriter) uint32(n uint32) { b.bytes(binary.BigEndian.AppendUint32(nil, n)) }
func (b *backupWriter) uint64(n uint64) { b.bytes(binary.BigEndian.AppendUint64(nil, n)) }
func (b *backupWriter) sized(p []byte)  { b.uint32(uint32(len(p))); b.bytes(p) }

func (b *backupWriter) flush() error {
	if b.err == nil {
		b.err = b.w.Flush()
	}
	return b.err
}

// A backupReader reads what a backupWriter wrote. After an error it reads zeros.
type backupReader struct {
	r   *bufio.Reader
	sum uint64
	err error
}

// bytes reads n bytes, taking memory only as they come in.
func (b *backupReader) bytes(n int) []byte {
	if b.err != nil {
		return nil
	}
	var p []byte
	for len(p) < n && b.err == nil {
		step := min(n-len(p), 1<<20)
		p = append(p, make([]byte, step)...)
		_, b.err = io.ReadFull(b.r, p[len(p)-step:])
	}
	b.sum = crc64.Update(b.sum, crc64.MakeTable(crc64.ECMA), p)
	return p
}

func (b *backupReader) byte() byte {
	if p := b.bytes(1); b.err == nil {
		return p[0]
	}
	return 0
}

func (b *backupReader) uint32() uint32 {
	if p := b.bytes(4); b.err == nil {
		return binary.BigEndian.Uint32(p)
	}
	return 0
}

func (b *backupReader) uint64() uint64 {
	if p := b.bytes(8); b.err == nil {
		return binary.BigEndian.Uint64(p)
	}
	return 0
}

func (b *backupReader) sized() []byte {
	n := b.uint32()
	if n > math.MaxInt32 {
		b.err = io.ErrUnexpectedEOF
		return nil
	}
	return b.bytes(int(n))
}
