package host

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// createSlabs makes the slabs of a child and the files by which the child maps them: the
// one that the server fills, and the one that the child does.
func createSlabs() (*lender, *borrower, []*os.File, error) {
	// Whoever holds the first file can only read what is in it.
	down, fills, err := createSlab(unix.PROT_READ|unix.PROT_WRITE, unix.F_SEAL_FUTURE_WRITE)
	if err != nil {
		return nil, nil, nil, err
	}
	up, reads, err := createSlab(unix.PROT_READ, 0)
	if err != nil {
		down.Close()
		return nil, nil, nil, err
	}
	return newLender(fills), &borrower{slab: reads}, []*os.File{down, up}, nil
}

func createSlab(access, seal int) (*os.File, *slab, error) {
	f, memory, err := createShared(slabLen, access, seal)
	if err != nil {
		return nil, nil, err
	}
	return f, newSlab(memory, unmap), nil
}

func mapSlab(f *os.File, access int) (*slab, error) {
	memory, err := unix.Mmap(int(f.Fd()), 0, slabLen, access, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return newSlab(memory, unmap), nil
}

func unmap(memory []byte) { _ = unix.Munmap(memory) }

// createShared makes memory and the file by which children map it, of which no more can
// be had than the seal leaves.
func createShared(length, access, seal int) (*os.File, []byte, error) {
	f, err := sharedFile(int64(length))
	if err != nil {
		return nil, nil, err
	}
	memory, err := unix.Mmap(int(f.Fd()), 0, length, access, unix.MAP_SHARED)
	if err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seal|unix.F_SEAL_SEAL)
	}
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("memory shared with a host process: %w", err)
	}
	return f, memory, nil
}

// mapSlabs is createSlabs at the other end.
func mapSlabs() (*lender, *borrower, error) {
	down, up := os.NewFile(fdDown, "down"), os.NewFile(fdUp, "up")
	defer down.Close()
	defer up.Close()
	reads, err := mapSlab(down, unix.PROT_READ)
	if err != nil {
		return nil, nil, fmt.Errorf("memory shared with the server: %w", err)
	}
	fills, err := mapSlab(up, unix.PROT_READ|unix.PROT_WRITE)
	if err != nil {
		return nil, nil, fmt.Errorf("memory shared with the server: %w", err)
	}
	return newLender(fills), &borrower{slab: reads}, nil
}
