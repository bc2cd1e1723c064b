package kv

import (
	"errors"
	"fmt"
)

// Errors of the store itself.
var (
	// ErrNotFound is returned by Tx.Get for a key that is missing or expired.
	ErrNotFound = errors.New("kv: not found")
	// ErrStop, returned by the function given to a scan, ends it without an error.
	ErrStop = errors.New("kv: stop")
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("kv: store is closed")
	// ErrLocked is wrapped by Open when another process has the directory open.
	ErrLocked = errors.New("kv: store is in use by another process")
	// ErrCorrupt is wrapped by Open, Restore and reads that meet damaged files.
	ErrCorrupt = errors.New("kv: store is damaged")
	// ErrReadOnly is returned by a write inside View.
	ErrReadOnly = errors.New("kv: write in a read-only transaction")
	// ErrTooLarge is wrapped by Update when one transaction writes more small
	// records than fit into one commit (some 20,000 records or 2 MB of values of
	// at most 4 KiB; larger values hardly count).
	ErrTooLarge = errors.New("kv: transaction too large")
)

// Codes of an Error. The set is closed.
const (
	CodeBadOption   = "bad_option"   // 400: key, limit, cursor, expiration or count is not allowed
	CodeTooLarge    = "too_large"    // 413: value, metadata or total is over its limit
	CodeKeyTooLong  = "key_too_long" // 414
	CodeNoSpace     = "no_space"     // 507: the disk is full; writes work again once it is not
	CodeUnavailable = "unavailable"  // 503: the store is closed or its disk failed
)

// An Error is a failed operation in the words scripts and API clients see.
type Error struct {
	// Op is GET, PUT, DELETE or LIST; "" where no namespace operation is involved.
	Op string
	// Status is the HTTP status of the failure, and Code its name.
	Status int
	Code   string
	// Reason is the text without the operation, such as
	// "Value length of 26214401 exceeds limit of 26214400.".
	Reason string
	// Err is the cause, or nil. It is not shown to scripts.
	Err error
}

// Error is the message of the exception that a script sees, such as
// "KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.".
func (e *Error) Error() string {
	if e.Op == "" {
		return "kv: " + e.Reason
	}
	return fmt.Sprintf("KV %s failed: %d %s", e.Op, e.Status, e.Reason)
}

func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrNoSpace) hold for every error with the same code
// when the target names no operation.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Op == "" && t.Reason == "" && t.Code == e.Code
}

// ErrNoSpace matches, by errors.Is, every write refused because the disk is full.
var ErrNoSpace error = &Error{Status: 507, Code: CodeNoSpace}

func noSpace(free, need uint64) *Error {
	return &Error{Status: 507, Code: CodeNoSpace, Reason: fmt.Sprintf(
		"Insufficient storage: %d bytes are free and %d must be; free disk space and try again.", free, need)}
}

// opError dresses an error of the store for a namespace operation.
func opError(op string, err error) error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		c := *e
		c.Op = op
		return &c
	case errors.Is(err, ErrClosed):
		return &Error{Op: op, Status: 503, Code: CodeUnavailable, Reason: "The store is closed.", Err: err}
	case errors.Is(err, ErrTooLarge):
		return &Error{Op: op, Status: 413, Code: CodeTooLarge, Reason: "Too much data in one write.", Err: err}
	}
	return &Error{Op: op, Status: 503, Code: CodeUnavailable, Reason: "The store cannot answer.", Err: err}
}
