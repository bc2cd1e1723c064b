package kv

import (
	"errors"
	"syscall"
)

// The engine writes through memory maps, where a full disk is not an error but a
// SIGBUS that ends the process. So writes are refused while there is still room
// for what the engine does on its own, and work again as soon as there is more.

// space remembers how much of the disk was free. Only the committer uses it.
type space struct {
	free   uint64
	budget int64 // bytes that may be written before asking again
}

// spaceCheck is how many bytes are written between two questions.
const spaceCheck = 1 << 20

// checkSpace refuses to write n more bytes to a disk that is nearly full.
func (db *DB) checkSpace(n int64, deletes bool) error {
	if db.opts.Reserve < 0 {
		return nil
	}
	s := &db.space
	if s.budget -= n; s.budget < 0 {
		free, err := db.opts.free(db.dir)
		if err != nil {
			return &Error{Status: 503, Code: CodeUnavailable, Reason: "The store's disk does not answer.", Err: err}
		}
		s.free = free
		s.budget = 0
		if free > uint64(db.opts.Reserve)+2*uint64(n)+2*spaceCheck {
			s.budget = spaceCheck
		}
	}
	need := uint64(db.opts.Reserve)
	if deletes {
		need /= 2
	}
	// A large value is written once to the value log, a small one to the log and
	// then to a table.
	if need += 2 * uint64(n); s.free < need {
		s.budget = 0
		return noSpace(s.free, need)
	}
	return nil
}

func isNoSpace(err error) bool { return errors.Is(err, syscall.ENOSPC) }
