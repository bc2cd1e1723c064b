package host

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSealed tries what a child must not be able to do with the files it is given.
func TestSealed(t *testing.T) {
	lender, borrower, files, err := createSlabs()
	if err != nil {
		t.Fatal(err)
	}
	down, up := int(files[0].Fd()), int(files[1].Fd())
	readable, err := unix.Mmap(down, 0, slabLen, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	writable, err := unix.Mmap(up, 0, slabLen, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	remap := func() error {
		_, err := unix.Mmap(down, 0, slabLen, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		return err
	}
	write := func() error { _, err := unix.Pwrite(down, []byte("x"), 0); return err }
	seal := func() error { _, err := unix.FcntlInt(uintptr(up), unix.F_ADD_SEALS, unix.F_SEAL_WRITE); return err }
	for name, err := range map[string]error{
		"shrink what the server fills":     unix.Ftruncate(down, 0),
		"shrink what the child fills":      unix.Ftruncate(up, 0),
		"grow":                             unix.Ftruncate(up, 2*slabLen),
		"map for writing":                  remap(),
		"make writable":                    unix.Mprotect(readable, unix.PROT_READ|unix.PROT_WRITE),
		"write":                            write(),
		"punch holes":                      unix.Fallocate(down, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, 0, blockLen),
		"drop the memory":                  unix.Madvise(readable, unix.MADV_REMOVE),
		"keep the server from mapping any": seal(),
	} {
		if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if block, _ := lender.fill([]byte("down")); block == noBlock || !bytes.HasPrefix(readable[block*blockLen:], []byte("down")) {
		t.Error("what the server fills does not arrive")
	}
	copy(writable[blockLen:], "up")
	// A hole reads as zeros, not as a fault.
	if err := unix.Madvise(writable[:blockLen], unix.MADV_REMOVE); err != nil {
		t.Error(err)
	}
	if b := borrower.slab.memory; b[0] != 0 || !bytes.HasPrefix(b[blockLen:], []byte("up")) {
		t.Error("what the child fills does not arrive")
	}
}

// TestMarksSealed tries to change counts as a child could.
func TestMarksSealed(t *testing.T) {
	m, err := NewMarks()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Mmap(int(m.file.Fd()), 0, marksLen, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); !errors.Is(err, unix.EPERM) {
		t.Errorf("mapped for writing: %v", err)
	}
	fd, err := unix.Dup(int(m.file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := mapMarks(fd)
	if err != nil {
		t.Fatal(err)
	}
	m.Counts[marks-1].Store(5)
	if n := theirs.Counts[marks-1].Load(); n != 5 {
		t.Errorf("a child sees %d", n)
	}
}
