package host

import (
	"sync/atomic"
	"unsafe"
)

// slots is how many events a child may have in flight that are marked in its page. An
// event beyond them runs unmarked: should the child die it counts as begun.
const slots = 4096

// A page is memory that a child shares with the server, so that the server can read it
// when the child is stuck or dead. The child writes; the server only clears the mark of
// an event before it gives the child that event.
type page struct {
	memory []byte // from mmap
	*pageLayout
}

type pageLayout struct {
	beat    atomic.Uint64 // goes up while the child is not stuck
	stuck   atomic.Uint64 // the mark of the event whose turn does not end: 1 + slot, and above it the version; 0 if all is well
	over    atomic.Int64  // CPU time by which that has overrun its limit
	full    atomic.Uint64 // as stuck: the event at whose turn the memory was used up
	largest atomic.Uint64 // as stuck: the version that seems to fill the memory
	turn    atomic.Uint64 // as stuck: the event whose turn was running when last looked at
	heap    atomic.Int64  // bytes of objects and stacks
	live    atomic.Int64  // the pool's figures
	made    atomic.Int64
	evicted atomic.Int64
	idle    atomic.Int64
	begun   [slots]atomic.Uint32 // 1: the pool has been given the event
}

const unknownSlot = slots

const pageSize = int(unsafe.Sizeof(pageLayout{}))

// newPage lays a page over memory of pageSize bytes or more.
func newPage(memory []byte) *page {
	return &page{memory, (*pageLayout)(unsafe.Pointer(unsafe.SliceData(memory)))}
}

// writeMark and markIn keep a mark in a word of a page.
func writeMark(word *atomic.Uint64, m mark) { word.Store(uint64(m.version)<<32 | uint64(m.slot+1)) }

func markIn(word *atomic.Uint64) (mark, bool) {
	n := word.Load()
	if n == 0 {
		return unmarked, false
	}
	m := mark{int(uint32(n)) - 1, uint32(n >> 32)}
	if m.slot < 0 || m.slot >= slots {
		m.slot = unknownSlot // of the version all the same
	}
	return m, true
}
