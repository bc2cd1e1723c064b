package fetch

import "sync/atomic"

// abortReason is why a body was ended, passed from the turn to the reading goroutine.
type abortReason struct{ p atomic.Pointer[error] }

func (r *abortReason) set(err error) { r.p.CompareAndSwap(nil, &err) }

func (r *abortReason) get() error {
	if p := r.p.Load(); p != nil {
		return *p
	}
	return nil
}
