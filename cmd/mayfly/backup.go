package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

type backupCommand struct {
	File  string `arg:"" help:"Where the backup goes; - for standard output." type:"path"`
	Since string `help:"Earlier backup, a file or its version: only what has changed since is written." placeholder:"FILE"`
	controlFlags
}

func (backupCommand) Help() string {
	return `The server goes on meanwhile. A token of scope admin for all accounts is needed. The
backup holds everything but the key that secrets are sealed with: keep a copy of
secret.key of the data directory apart from the backups.

Examples:

  mayfly backup full.mayfly
  mayfly backup monday.mayfly --since full.mayfly`
}

func (c *backupCommand) Run(ctx context.Context, m *Main) error {
	since, err := backupVersion(c.Since)
	if err != nil {
		return err
	}
	k, err := c.client(m)
	if err != nil {
		return err
	}
	if c.File == "-" {
		return explain(k.Backup(ctx, since, m.Stdout))
	}
	part := c.File + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(part) // what is left of a failure
	progress := newProgress(m.Stderr, "backed up")
	err = k.Backup(ctx, since, io.MultiWriter(f, progress))
	progress.end()
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return explain(err)
	}
	if err := os.Rename(part, c.File); err != nil {
		return err
	}
	version, err := backupVersion(c.File)
	if err != nil {
		return err
	}
	fmt.Fprintf(m.Stdout, "%s: %s, version %d\n", c.File, byteSize(progress.total), version)
	return nil
}

// backupVersion is the version that a backup file brings a store to, or the number given.
func backupVersion(text string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := os.Open(text)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	head := make([]byte, 28) // magic, format, since and version
	if _, err := io.ReadFull(f, head); err != nil {
		return 0, fmt.Errorf("%s is no backup: it is too short", text)
	}
	if !bytes.HasPrefix(bytes.ToLower(head), []byte("mayfly")) {
		return 0, fmt.Errorf("%s is no backup of Mayfly", text)
	}
	return binary.BigEndian.Uint64(head[20:]), nil
}

type restoreCommand struct {
	Files []string `arg:"" name:"file" help:"A full backup, then those that build on it, in order." type:"path"`
	Data  string   `help:"Directory of the store, which must not hold one yet. Default: ${default}." default:"./mayfly-data" placeholder:"DIR" type:"path"`
	Key   string   `help:"The secret.key of the server that was backed up." placeholder:"FILE" type:"path"`
}

func (restoreCommand) Help() string {
	return `No server may run on the directory. Each backup is checked by its checksum; if one is
damaged nothing is left behind. Without --key the workers' secrets cannot be read.

Examples:

  mayfly restore full.mayfly --data /var/lib/mayfly --key secret.key
  mayfly restore full.mayfly monday.mayfly`
}

func (c *restoreCommand) Run(ctx context.Context, m *Main) (err error) {
	store := filepath.Join(c.Data, "store")
	if old, err := os.ReadDir(store); err == nil && len(old) > 0 {
		return fmt.Errorf("%s holds a store already: choose another directory with --data", c.Data)
	}
	var key []byte
	if c.Key != "" {
		if key, err = os.ReadFile(c.Key); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	db, err := kv.Open(kv.Options{Dir: store, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	version, err := c.restore(db, m)
	if err = errors.Join(err, db.Close()); err != nil {
		// A part of a store must not be taken for a whole one.
		return errors.Join(err, os.RemoveAll(store))
	}
	if key != nil {
		if err := os.WriteFile(filepath.Join(c.Data, "secret.key"), key, 0o600); err != nil {
			return err
		}
	}
	fmt.Fprintf(m.Stdout, "Restored version %d into %s\n", version, c.Data)
	if _, err := os.Stat(filepath.Join(c.Data, "secret.key")); err != nil {
		fmt.Fprintf(m.Stderr, "Copy the secret.key of the server that was backed up to %s before it is started: without it the workers' secrets cannot be read.\n", c.Data)
	}
	return nil
}

func (c *restoreCommand) restore(db *kv.DB, m *Main) (version uint64, err error) {
	for _, name := range c.Files {
		f, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		progress := newProgress(m.Stderr, "restored")
		version, err = db.Restore(io.TeeReader(f, progress))
		progress.end()
		f.Close()
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	return version, nil
}

// progress shows on a terminal how many bytes have passed.
type progress struct {
	w     io.Writer // nil without a terminal
	what  string
	total int64
	shown time.Time
}

func newProgress(w io.Writer, what string) *progress {
	if !isTerminal(w) {
		w = nil
	}
	return &progress{w: w, what: what}
}

// Write implements io.Writer.
func (p *progress) Write(b []byte) (int, error) {
	p.total += int64(len(b))
	if now := time.Now(); p.w != nil && now.Sub(p.shown) > 100*time.Millisecond {
		p.shown = now
		fmt.Fprintf(p.w, "\r%s %s ", byteSize(p.total), p.what)
	}
	return len(b), nil
}

func (p *progress) end() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// byteSize is a size as a person reads it.
func byteSize(n int64) string {
	size, unit := float64(n), 0
	units := [...]string{"B", "KB", "MB", "GB", "TB"}
	for size >= 1000 && unit < len(units)-1 {
		size /= 1000
		unit++
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", size, units[unit])
}
