package runtime

import (
	"sync"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// maxInvoked is how many events of other workers one call of a worker's may lead to, its
// own and those that they ask for in turn. maxHops bounds how deep they nest; without
// this bound two calls at each level would still make tens of thousands.
const maxInvoked = 100

// chains counts, by the id that all events of one request share, the events that workers
// have asked of each other since last there were none. Requests whose workers call
// nobody are not in it.
type chains struct {
	mu   sync.Mutex
	byID map[string]*chain
}

type chain struct{ going, begun int }

// enter counts one more event.
func (c *chains) enter(id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.byID[id]
	if n == nil {
		n = &chain{}
		if c.byID == nil {
			c.byID = map[string]*chain{}
		}
		c.byID[id] = n
	}
	if n.begun >= maxInvoked {
		return outside.Errorf(outside.KindError, "Too many Worker invocations: workers that call each other may make %d of them.", maxInvoked)
	}
	n.going++
	n.begun++
	return nil
}

// leave ends one.
func (c *chains) leave(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.byID[id]
	if n.going--; n.going == 0 {
		delete(c.byID, id)
	}
}
