package host

import (
	"fmt"
	"runtime"
	"sync"
)

// A slab is memory that the ends of a link share, cut into blocks. One end, the lender,
// fills blocks with what streams carry and names them in frames; the other, the
// borrower, copies the bytes out and gives the blocks back. So they do not pass through
// the socket. Each direction has a slab of its own.
//
// A child can change what is in the blocks that it fills at any time, also while the
// server reads them. So only bytes of streams, which may be anything, go through them,
// and nobody looks at one before it is copied. What the server has filled, and the size
// of either slab, a child cannot change.
type slab struct {
	memory []byte // from mmap; it stays as long as the slab can be reached
}

const (
	// blockLen is as much as is read of a body at once.
	blockLen = 64 << 10
	// blocks is how many there are in a slab: enough for the windows of 16 streams.
	blocks = 64
	// leastShared is how many bytes are worth a block, which has to be given back.
	leastShared = 4 << 10
	// maxReserved is how many blocks may wait for sources, however slow these are.
	maxReserved = blocks / 4

	slabLen = blocks * blockLen
)

// newSlab takes over mapped memory of slabLen bytes.
func newSlab(memory []byte, unmap func([]byte)) *slab {
	s := &slab{memory}
	runtime.AddCleanup(s, unmap, memory)
	return s
}

// block returns the first n bytes of a block. Whoever uses them keeps s reachable.
func (s *slab) block(i, n int) []byte { return s.memory[i*blockLen:][:n:n] }

// A lender is the end of a slab that fills the blocks.
type lender struct {
	slab *slab

	mu       sync.Mutex
	free     []int // the one returned last is taken first, so that few are ever touched
	lent     [blocks]bool
	reserved int
	short    bool // the borrower has been told that none is free, and has returned none since
}

func newLender(s *slab) *lender {
	l := &lender{slab: s, free: make([]int, blocks)}
	for i := range l.free {
		l.free[i] = blocks - 1 - i
	}
	return l
}

// fill copies p to a block and lends that. If none is free it returns noBlock, and
// whether the borrower is to be told.
func (l *lender) fill(p []byte) (block int, recall bool) {
	l.mu.Lock()
	if block = l.take(); block == noBlock {
		recall, l.short = !l.short, true
		l.mu.Unlock()
		return noBlock, recall
	}
	l.lent[block] = true
	l.mu.Unlock()
	copy(l.slab.block(block, len(p)), p)
	return block, false
}

// take takes a block off the list. l.mu is held.
func (l *lender) take() int {
	n := len(l.free) - 1
	if n < 0 {
		return noBlock
	}
	block := l.free[n]
	l.free = l.free[:n]
	return block
}

// reserve returns a block with room for up to n bytes, to be settled once a source has
// been read into it, or noBlock.
func (l *lender) reserve(n int64) (int, []byte) {
	if l == nil {
		return noBlock, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reserved == maxReserved {
		return noBlock, nil
	}
	block := l.take()
	if block == noBlock {
		return noBlock, nil
	}
	l.reserved++
	return block, l.slab.block(block, int(min(n, blockLen)))
}

// settle lends a reserved block, or makes it free again.
func (l *lender) settle(block int, lent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reserved--
	if l.lent[block] = lent; !lent {
		l.free = append(l.free, block)
	}
}

// returned makes a block that was lent free.
func (l *lender) returned(block uint32) error {
	if l == nil || block >= blocks {
		return fmt.Errorf("block %d was returned: there is no such block", block)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.lent[block] {
		return fmt.Errorf("block %d was returned, but was not lent", block)
	}
	l.lent[block], l.short = false, false
	l.free = append(l.free, int(block))
	return nil
}

// A borrower is the end of a slab that reads the blocks.
type borrower struct {
	slab *slab

	mu      sync.Mutex
	holders [blocks]*inStream // which have not returned a block yet
}

// borrow gives s a block with n bytes.
func (b *borrower) borrow(block, n uint64, s *inStream) ([]byte, error) {
	if b == nil || block >= blocks || n == 0 || n > blockLen {
		return nil, fmt.Errorf("%d bytes in block %d: there is no such block", n, block)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.holders[block] != nil {
		return nil, fmt.Errorf("block %d was lent, but was not returned", block)
	}
	b.holders[block] = s
	return b.slab.block(int(block), int(n)), nil
}

// release forgets who held a block, which is to be returned.
func (b *borrower) release(block int) {
	b.mu.Lock()
	b.holders[block] = nil
	b.mu.Unlock()
}

// recall has all streams return what they hold and nobody is reading just now.
func (b *borrower) recall() {
	b.mu.Lock()
	holders := b.holders
	b.mu.Unlock()
	for block, s := range holders {
		if s != nil {
			s.yield(block)
		}
	}
}
