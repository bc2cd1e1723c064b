//go:build unix

package kv

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// valueLogHeader is the length of the header of a value log file; zeros say that
// the file is not encrypted.
const valueLogHeader = 20

// prepare gets the files of a store ready for the engine: what a crash has left of its
// logs, and damage that it could not bear. A store that is open elsewhere is left alone.
func prepare(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil // the engine will say so
	}
	if err := removeEmptyLogs(dir); err != nil {
		return err
	}
	if err := checkTables(dir); err != nil {
		return err
	}
	return sealValueLog(dir)
}

// removeEmptyLogs removes logs of no length. The engine makes a log and then gives it
// its length; when it is killed in between it takes the file for damaged later.
func removeEmptyLogs(dir string) error {
	for _, pattern := range []string{"*.mem", "*.vlog"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			fi, err := os.Stat(name)
			if err == nil && fi.Size() == 0 {
				err = os.Remove(name)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sealValueLog keeps the engine from cutting the newest value log file short at
// the first entry it cannot read, which would lose every value behind one damaged
// byte. The engine does so only to the newest file, so an empty newer one is made.
func sealValueLog(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
	if err != nil || len(names) == 0 {
		return err
	}
	newest := slices.Max(names)
	fi, err := os.Stat(newest)
	if err != nil || fi.Size() <= valueLogHeader {
		return err
	}
	var id uint32
	if _, err := fmt.Sscanf(filepath.Base(newest), "%06d.vlog", &id); err != nil {
		return nil // not one of the engine's
	}
	f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("%06d.vlog", id+1)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(make([]byte, valueLogHeader))
	return err
}
