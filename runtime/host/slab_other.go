//go:build !linux

package host

import (
	"errors"
	"os"
)

// errNoSlabs: only Linux can keep a child from cutting memory off that the server reads.
var errNoSlabs = errors.New("this system has no memory that can be shared with a host process safely")

func createSlabs() (*lender, *borrower, []*os.File, error) { return nil, nil, nil, errNoSlabs }

func mapSlabs() (*lender, *borrower, error) { return nil, nil, errNoSlabs }
