package runtime

import (
	"sync"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// maxInvoked is how many events that workers have given each other may be going on for
// one request or scheduled event. maxHops bounds how deep they nest; without this bound
// two calls at each level would still make tens of thousands.
// https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/#limits
const maxInvoked = 32

// chains counts, by the id that all events of one request share, the events that workers
// have given each other. Requests whose workers call nobody are not in it.
type chains struct {
	mu    sync.Mutex
	going map[string]int
}

// enter counts one more event.
func (c *chains) enter(id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.going[id] >= maxInvoked {
		return outside.Errorf(outside.KindError, "Too many Worker invocations: one request may have %d going on at a time that workers ask of each other.", maxInvoked)
	}
	if c.going == nil {
		c.going = map[string]int{}
	}
	c.going[id]++
	return nil
}

// leave counts one less.
func (c *chains) leave(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.going[id]--; c.going[id] <= 0 {
		delete(c.going, id)
	}
}
