package host

import (
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// A child asks for the bundle of a version by its number, perhaps only after the version
// has been retired: the event that needs it still has it.
func TestBundleOfRetiredVersion(t *testing.T) {
	held, known := new(pool.Version), new(pool.Version)
	c := &child{
		numbers: map[uint32]*sent{1: {1, known}},
		flights: map[uint32]*flight{9: {number: 7, version: held}},
	}
	for number, want := range map[uint32]*pool.Version{1: known, 7: held, 8: nil} {
		if got := c.numbered(number); got != want {
			t.Errorf("number %d: %p, want %p", number, got, want)
		}
	}
}
