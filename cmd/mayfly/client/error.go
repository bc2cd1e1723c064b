package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// An Error is a refusal by the control plane.
type Error struct {
	Status  int
	Code    int // of Cloudflare's API
	Message string
}

// Error returns the message; the code follows for whoever looks it up.
func (e *Error) Error() string {
	if e.Code == 0 {
		return e.Message
	}
	// The code belongs to the message, not to the stack that may follow it.
	head, rest, many := strings.Cut(e.Message, "\n")
	head += fmt.Sprintf(" [code: %d]", e.Code)
	if many {
		return head + "\n" + rest
	}
	return head
}

// IsUnknownScript reports whether err says that there is no such worker.
func IsUnknownScript(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == 10007
}

// IsUnauthorized reports whether err says that the token is not valid.
func IsUnauthorized(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusUnauthorized
}

// ErrUnreachable says that nothing answers at the control plane's address.
var ErrUnreachable = errors.New("the control plane does not answer")

type detail struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func newError(status int, details []detail) error {
	e := &Error{Status: status, Message: fmt.Sprintf("the control plane answers %d %s", status, http.StatusText(status))}
	if len(details) > 0 {
		e.Code, e.Message = details[0].Code, details[0].Message
	}
	return e
}

// unreachable says in one line why no answer came.
func unreachable(ctx context.Context, base string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("%w at %s: %w", ErrUnreachable, strings.TrimSuffix(base, "/client/v4"), err)
}
