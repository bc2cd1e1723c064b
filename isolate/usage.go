package isolate

import (
	"encoding/json"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Subrequest counts one fetch against the limit.
func (inv *Invocation) Subrequest() error {
	if inv.report.Subrequests >= inv.isolate.limits.Subrequests {
		return webidl.PlainError("Too many subrequests. The limit is %d for one invocation.", inv.isolate.limits.Subrequests)
	}
	inv.report.Subrequests++
	return nil
}

// A KVKind is a kind of KV operation, as it is billed.
type KVKind uint8

const (
	KVRead KVKind = iota
	KVWrite
	KVDelete
	KVList
)

// KVOperation counts one KV operation against the limit.
func (inv *Invocation) KVOperation(kind KVKind) error {
	r := &inv.report
	if r.KVReads+r.KVWrites+r.KVDeletes+r.KVLists >= inv.isolate.limits.KVOperations {
		return webidl.PlainError("Too many API requests by single worker invocation. The limit is %d KV operations.", inv.isolate.limits.KVOperations)
	}
	switch kind {
	case KVRead:
		r.KVReads++
	case KVWrite:
		r.KVWrites++
	case KVDelete:
		r.KVDeletes++
	case KVList:
		r.KVLists++
	}
	return nil
}

// CacheOperation counts one use of the Cache API against the limit.
func (inv *Invocation) CacheOperation(limit int) error {
	if inv.cacheCalls >= limit {
		return webidl.PlainError("Too many cache operations. The limit is %d for one invocation.", limit)
	}
	inv.cacheCalls++
	return nil
}

// Log adds a line to the invocation's log: text as a person reads it, and message, the
// JSON text of the array of arguments, or nil for the text alone. What is over the
// limit is dropped and the report says so.
func (inv *Invocation) Log(level, text string, message []byte) {
	if inv.logBytes >= inv.isolate.limits.LogBytes {
		inv.report.Truncated = true
		return
	}
	if room := inv.isolate.limits.LogBytes - inv.logBytes; len(text) > room {
		text, message = text[:room], nil
		inv.report.Truncated = true
	}
	inv.logBytes += len(text)
	if message == nil {
		message, _ = json.Marshal([]string{text}) // strings cannot fail
	}
	line := outside.LogLine{Time: inv.isolate.Loop.Clock().Now(), Level: level, Text: text, Message: message}
	inv.report.Logs = append(inv.report.Logs, line)
	if inv.out != nil {
		inv.out.Log(&inv.call, &line)
	}
}

// exception records an uncaught exception.
func (inv *Invocation) exception(reason goja.Value) {
	inv.report.Exceptions = append(inv.report.Exceptions, Describe(inv.isolate.Realm, inv.isolate.Loop.Clock().Now(), reason))
}

// Describe turns a thrown value into the form that logs and tail show.
func Describe(js *webidl.Realm, at time.Time, reason goja.Value) outside.Exception {
	e := outside.Exception{Time: at, Name: "Error"}
	if reason == nil {
		return e
	}
	o, ok := reason.(*goja.Object)
	if !ok {
		e.Message = describe(reason)
		return e
	}
	// The script may have made these properties accessors that throw.
	read := func(name string) (s string) {
		_ = js.Catch(func() {
			if v := o.Get(name); v != nil && !goja.IsUndefined(v) {
				s = v.String()
			}
		})
		return s
	}
	if name := read("name"); name != "" {
		e.Name = name
	}
	e.Message, e.Stack = read("message"), webidl.StackText(read("stack"))
	if e.Message == "" && e.Stack == "" {
		_ = js.Catch(func() { e.Message = o.String() })
	}
	return e
}

func describe(v goja.Value) (s string) {
	defer func() {
		if recover() != nil {
			s = "(a value that cannot be shown)"
		}
	}()
	if o, ok := v.(*goja.Object); ok {
		if stack := o.Get("stack"); stack != nil && !goja.IsUndefined(stack) {
			return webidl.StackText(stack.String())
		}
	}
	return v.String()
}
