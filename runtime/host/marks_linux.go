package host

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// NewMarks makes marks that are all 0.
func NewMarks() (*Marks, error) {
	// Whoever holds the file can only read what is in it.
	f, memory, err := createShared(marksLen, unix.PROT_READ|unix.PROT_WRITE, unix.F_SEAL_FUTURE_WRITE)
	if err != nil {
		return nil, err
	}
	return &Marks{counts(memory), f}, nil
}

// mapMarks is NewMarks at the other end.
func mapMarks(fd int) (*Marks, error) {
	f := os.NewFile(uintptr(fd), "marks")
	defer f.Close()
	memory, err := unix.Mmap(fd, 0, marksLen, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("marks shared with the server: %w", err)
	}
	return &Marks{Counts: counts(memory)}, nil
}
