//go:build !unix

package host

import (
	"errors"
	"net"
	"os"
)

var errNoProcesses = errors.New("containment by processes needs a Unix system; run with --containment none")

func mapPage(*os.File) (*page, error) { return nil, errNoProcesses }

func (p *page) unmap() {}

func createPage() (*page, *os.File, error) { return nil, nil, errNoProcesses }

func socketPair() (net.Conn, *os.File, error) { return nil, nil, errNoProcesses }
