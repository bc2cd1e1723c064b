package host

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// Errors cross by what others look for in them; all else is text.
const (
	problemText = iota
	problemOutside
	problemClosed
	problemThrown
	problemLoad
	problemCompiler
	problemFull
	problemCPU
	problemMemory
	problemCanceled
	problemTimeout
	problemFailure
)

// appendError writes an error.
func appendError(b []byte, err error) []byte {
	var (
		seen   *outside.Error
		closed *outside.CloseError
		thrown *isolate.Thrown
		load   *worker.LoadError
		code   *compiler.Error
		failed *Failure
	)
	switch {
	case errors.As(err, &seen):
		b = append(b, problemOutside, byte(seen.Kind))
		b = appendInt(b, int64(seen.Status))
		return appendString(b, seen.Message)
	case errors.As(err, &closed):
		b = append(b, problemClosed)
		b = appendInt(b, int64(closed.Code))
		return appendString(b, closed.Reason)
	case errors.As(err, &load):
		b = append(b, problemLoad, byte(load.Reason))
		b = appendException(b, &load.Exception)
		text := ""
		if load.Err != nil {
			text = load.Err.Error()
		}
		return appendString(b, text)
	case errors.As(err, &code):
		b = append(b, problemCompiler)
		text, _ := json.Marshal(code.Diagnostics) // strings and numbers only
		return appendBytes(b, text)
	case errors.As(err, &thrown):
		return appendException(append(b, problemThrown), &thrown.Exception)
	case errors.As(err, &failed):
		b = append(b, problemFailure)
		b = appendString(b, string(failed.Outcome))
		b = appendBool(b, failed.Bystander)
	case errors.Is(err, pool.ErrFull):
		return append(b, problemFull)
	case isolate.ExceededCPU(err):
		b = append(b, problemCPU)
	case isolate.ExceededMemory(err):
		b = append(b, problemMemory)
	case errors.Is(err, context.Canceled):
		b = append(b, problemCanceled)
	case errors.Is(err, context.DeadlineExceeded):
		b = append(b, problemTimeout)
	default:
		b = append(b, problemText)
	}
	return appendString(b, err.Error())
}

// decodeError reads what appendError wrote.
func decodeError(d *decoder) error {
	switch d.byte() {
	case problemText:
		return errors.New(d.string())
	case problemOutside:
		return &outside.Error{Kind: outside.ErrorKind(d.byte()), Status: int(d.int()), Message: d.string()}
	case problemClosed:
		return &outside.CloseError{Code: int(d.int()), Reason: d.string()}
	case problemThrown:
		return &isolate.Thrown{Exception: d.exception()}
	case problemLoad:
		e := &worker.LoadError{Reason: worker.Reason(d.byte()), Exception: d.exception()}
		if text := d.string(); text != "" {
			e.Err = errors.New(text)
		}
		return e
	case problemCompiler:
		e := new(compiler.Error)
		if json.Unmarshal(d.bytes(), &e.Diagnostics) != nil {
			d.fail()
		}
		return e
	case problemFailure:
		return &Failure{Outcome: outside.Outcome(d.string()), Bystander: d.bool(), Message: d.string()}
	case problemFull:
		return pool.ErrFull
	case problemCPU:
		return &Failure{Outcome: outside.OutcomeExceededCPU, Message: d.string()}
	case problemMemory:
		return &Failure{Outcome: outside.OutcomeExceededMemory, Message: d.string()}
	case problemCanceled:
		return &passed{d.string(), context.Canceled}
	case problemTimeout:
		return &passed{d.string(), context.DeadlineExceeded}
	}
	d.fail()
	return errMalformed
}

// passed is an error of the other side's that is known by what it wraps.
type passed struct {
	text string
	is   error
}

func (p *passed) Error() string { return p.text }

func (p *passed) Unwrap() error { return p.is }
