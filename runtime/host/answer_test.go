package host

import (
	"fmt"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// A child asks for the bundle of a version by its number, perhaps only after the version
// has been retired. The server remembers some, and not all for ever.
func TestRetiredVersionsAreRemembered(t *testing.T) {
	c := &child{numbers: map[uint32]*sent{}, versions: map[string]*sent{}}
	for i := range uint32(1000) {
		s := &sent{number: i, version: new(pool.Version)}
		c.versions[fmt.Sprint(i)], c.numbers[i] = s, s
		if n, ok := c.forget(fmt.Sprint(i)); !ok || n != i {
			t.Fatalf("retired %d, %v", n, ok)
		}
		if c.numbers[i] != s {
			t.Fatalf("version %d is forgotten at once", i)
		}
	}
	if len(c.numbers) != keptRetired || len(c.versions) != 0 {
		t.Errorf("%d numbers and %d versions are kept", len(c.numbers), len(c.versions))
	}
	if _, ok := c.forget("999"); ok {
		t.Error("a version is retired twice")
	}
}
