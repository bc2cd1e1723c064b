package kv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/ristretto/v2/z"
)

// checkTables reads the indexes of the tables that the list of files names. The engine
// does so in goroutines of its own, where a damaged one would end the process.
func checkTables(dir string) error {
	for id := range manifestLevels(dir) {
		err := openTable(table.NewFilename(id, dir), options.NoVerification, nil)
		if err != nil && !errors.Is(err, os.ErrNotExist) { // of a missing file the engine tells itself
			return err
		}
	}
	return nil
}

// tableReadable reads a sorted file through.
func tableReadable(name string) error {
	return openTable(name, options.OnTableAndBlockRead, (*table.Table).VerifyChecksum)
}

// openTable opens a sorted file, does something with it if do is not nil, and closes it.
func openTable(name string, mode options.ChecksumVerificationMode, do func(*table.Table) error) (err error) {
	mf, err := z.OpenMmapFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the table %s is damaged", filepath.Base(name))
			_ = mf.Close(-1)
		}
	}()
	t, err := table.OpenTable(mf, table.Options{BlockSize: 4 << 10, Compression: options.Snappy, ChkMode: mode})
	if err != nil {
		return err
	}
	if do != nil {
		err = do(t)
	}
	return errors.Join(err, t.Close(-1))
}
