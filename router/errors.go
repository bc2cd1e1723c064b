package router

import (
	"errors"
	"fmt"
)

// What Match answers when no script is found.
var (
	// ErrMalformedHost means that the host is not one: answer 400.
	ErrMalformedHost = errors.New("malformed host")
	// ErrUnknownHost means that nothing is known by this host: answer 404.
	ErrUnknownHost = errors.New("unknown host")
	// ErrNoRoute means that there are routes for this host, none for this path: answer 404.
	ErrNoRoute = errors.New("no route for this path")
	// ErrNegated means that the most specific route has no script: answer 404.
	ErrNegated = errors.New("route without a script")
)

// What can be wrong with a pattern or a host; see [PatternError].
var (
	ErrInfixWildcard = errors.New("wildcard in the middle")
	ErrQueryString   = errors.New("query string")
	ErrFragment      = errors.New("fragment")
	ErrScheme        = errors.New("unknown scheme")
	ErrPort          = errors.New("port")
	ErrHost          = errors.New("invalid host")
	ErrWildcard      = errors.New("wildcard")
	ErrPath          = errors.New("path")
)

// A PatternError says why a route pattern, custom domain or default host was refused.
type PatternError struct {
	Text string // as it was written
	At   int    // byte offset in Text at which the problem begins
	Err  error  // one of the sentinels above, for errors.Is
	Fix  string // a sentence for the person who wrote it
}

func (e *PatternError) Error() string {
	return fmt.Sprintf("%q: %v at column %d: %s", e.Text, e.Err, e.At+1, e.Fix)
}

func (e *PatternError) Unwrap() error { return e.Err }

// A Conflict means that a pattern, custom domain or default host already belongs to
// another script.
type Conflict struct {
	Text   string // as it was written
	Script Script // that asked for it
	Other  Script // that has it
}

func (e *Conflict) Error() string {
	return fmt.Sprintf("%q is already assigned to %s", e.Text, e.Other.describe())
}
