package host

import (
	"bytes"
	"context"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
)

// labelKey is the goroutine label that says for which event a goroutine works. A
// traceback shows it, so that the last words of a process name the one at fault.
const labelKey = "event"

// A mark is the value of the label: the event's slot and the number of its version. The
// slot may have been given to another event since; the version is certain.
type mark struct {
	slot    int
	version uint32
}

// unmarked is the mark of a goroutine without a label.
var unmarked = mark{slot: unknownSlot}

func (m mark) String() string {
	return strconv.Itoa(m.slot) + "/" + strconv.FormatUint(uint64(m.version), 10)
}

// readMark finds the mark in a goroutine's heading in a traceback.
func readMark(heading []byte) mark {
	_, rest, ok := bytes.Cut(heading, []byte(`"`+labelKey+`": "`))
	if !ok {
		return unmarked
	}
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	a, b, _ := bytes.Cut(value, []byte("/"))
	slot, err1 := strconv.ParseUint(string(a), 10, 32)
	version, err2 := strconv.ParseUint(string(b), 10, 32)
	if err1 != nil || err2 != nil || slot >= slots {
		return unmarked
	}
	return mark{int(slot), uint32(version)}
}

// labels are the label sets of the slots, made when first used.
type labels [slots]atomic.Pointer[labelled]

type labelled struct {
	version uint32
	context context.Context
}

// set labels the calling goroutine, and those that it starts.
func (l *labels) set(slot int, version uint32) {
	p := l[slot].Load()
	if p == nil || p.version != version {
		m := mark{slot, version}
		p = &labelled{version, pprof.WithLabels(context.Background(), pprof.Labels(labelKey, m.String()))}
		l[slot].Store(p)
	}
	pprof.SetGoroutineLabels(p.context)
}
