//go:build unix

package host

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// mapPage maps the page in f.
func mapPage(f *os.File) (*page, error) {
	memory, err := unix.Mmap(int(f.Fd()), 0, pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping the page shared with a host process: %w", err)
	}
	return newPage(memory), nil
}

// unmap gives the memory back; p must not be used after it.
func (p *page) unmap() { _ = unix.Munmap(p.memory) }

// createPage makes a page and the file by which a child maps it too.
func createPage() (*page, *os.File, error) {
	f, err := sharedFile(int64(pageSize))
	if err != nil {
		return nil, nil, fmt.Errorf("the page shared with a host process: %w", err)
	}
	p, err := mapPage(f)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return p, f, nil
}

// socketPair returns a connection and the file of its other end.
func socketPair() (net.Conn, *os.File, error) {
	fds, err := socketPairFDs()
	if err != nil {
		return nil, nil, fmt.Errorf("the socket to a host process: %w", err)
	}
	mine, theirs := os.NewFile(uintptr(fds[0]), "host"), os.NewFile(uintptr(fds[1]), "guest")
	conn, err := net.FileConn(mine)
	mine.Close()
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return conn, theirs, nil
}
