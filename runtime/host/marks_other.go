//go:build !linux

package host

import "errors"

var errNoMarks = errors.New("this system has no memory that host processes could only read")

// NewMarks fails: only Linux can keep a child from writing to the memory.
func NewMarks() (*Marks, error) { return nil, errNoMarks }

func mapMarks(int) (*Marks, error) { return nil, errNoMarks }
