package host

import (
	"os"
	"sync/atomic"
	"unsafe"
)

// Marks are counts in memory that children map too, to read: by them the server tells at
// once all children that what they have kept of KV has changed. It raises them; see
// outside.KVMark. They stay until the process ends.
type Marks struct {
	Counts []atomic.Uint64
	file   *os.File
}

const (
	// marks is how many there are. Keys that share one only cost each other reads.
	marks    = 1 << 14
	marksLen = marks * int(unsafe.Sizeof(atomic.Uint64{}))
)

// counts lays the counts over memory of marksLen bytes.
func counts(memory []byte) []atomic.Uint64 {
	return unsafe.Slice((*atomic.Uint64)(unsafe.Pointer(unsafe.SliceData(memory))), marks)
}
