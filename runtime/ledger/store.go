package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/mayfly-edge/mayfly/kv"
)

// bucket holds everything the ledger stores. The keys, with NUL between their parts:
//
//	LEVEL account minute script version  -> Usage; the minute as twelve digits
//	account NAME                         -> nothing; for each account with rows
//	mark LEVEL                           -> the minute up to which LEVEL is summed up
//	batch                                -> the last batch written
const bucket = "ledger"

const sep = "\x00"

// maxPart is more than any name is long.
const maxPart = 1024

// keyPart makes any string safe to be a part of a key: one bad name must not keep the
// rows written with it out of the store.
func keyPart(s string) string {
	if len(s) > maxPart {
		s = s[:maxPart]
	}
	return strings.ReplaceAll(s, sep, "\uFFFD")
}

// A level is one resolution of rows.
type level struct {
	name string
	span int64 // of a row, in minutes
	keep int64 // minutes for which rows are kept, 0 for ever
}

var (
	minutes = level{"m", 1, 48 * 60}
	hours   = level{"h", 60, 90 * 24 * 60}
	days    = level{"d", 24 * 60, 0}
)

func (v level) prefix(account string) string { return v.name + sep + account + sep }

// at is a key that sorts before every row of this minute and after every earlier one.
func (v level) at(account string, minute int64) string {
	return v.prefix(account) + fmt.Sprintf("%012d", max(minute, 0))
}

func (v level) key(r row) string {
	return v.at(r.account, r.minute) + sep + r.script + sep + r.version
}

func parseKey(key string) (row, error) {
	f := strings.SplitN(key, sep, 5)
	if len(f) != 5 {
		return row{}, fmt.Errorf("ledger: stored key %q is damaged", key)
	}
	minute, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil {
		return row{}, fmt.Errorf("ledger: stored key %q is damaged", key)
	}
	return row{id{f[1], f[3], f[4]}, minute}, nil
}

// eachRow calls fn for the rows of an account in [from, to), by time.
func eachRow(tx *kv.Tx, v level, account string, from, to int64, fn func(key string, r row, u *Usage) error) error {
	return tx.Scan(bucket, v.prefix(account), v.at(account, from), func(key string, value []byte) error {
		r, err := parseKey(key)
		if err != nil {
			return err
		}
		if r.minute >= to {
			return kv.ErrStop
		}
		var u Usage
		if err := u.decode(value); err != nil {
			return err
		}
		return fn(key, r, &u)
	})
}

func eachAccount(tx *kv.Tx, fn func(account string) error) error {
	return tx.Scan(bucket, "account"+sep, "", func(key string, _ []byte) error {
		return fn(strings.TrimPrefix(key, "account"+sep))
	})
}

// addRow adds u to a row.
func addRow(tx *kv.Tx, v level, r row, u *Usage) error {
	sum := *u
	key := v.key(r)
	switch value, err := tx.Get(bucket, key); {
	case err == nil:
		var before Usage
		if err := before.decode(value); err != nil {
			return err
		}
		sum.Add(&before)
	case !errors.Is(err, kv.ErrNotFound):
		return err
	}
	return tx.Put(bucket, key, sum.encode())
}

// readMark returns the minute before which all rows of a level have been summed up.
func readMark(tx *kv.Tx, v level) (int64, error) {
	value, err := tx.Get(bucket, "mark"+sep+v.name)
	if err != nil {
		return 0, err
	}
	mark, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("ledger: stored mark %q is damaged", value)
	}
	return mark, nil
}

func writeMark(tx *kv.Tx, v level, minute int64) error {
	return tx.Put(bucket, "mark"+sep+v.name, strconv.AppendInt(nil, minute, 10))
}
