package host

import (
	"context"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A task is an event to be handled.
type task struct {
	kind    kind
	remote  *remote
	request *outside.Request
	name    string // the cron expression or the method
	at      time.Time
	data    []byte
}

// A crew is the goroutines of a child that read the link and handle the events that come
// by it. One of them leads: it reads what has come, handles one event after the other,
// writes the answers out together and reads again, so that an event costs no change of
// goroutines. Before it begins to handle events it makes another one ready to run, which
// takes the lead when an event has to wait for something, or takes long.
type crew struct {
	mu      sync.Mutex
	tasks   []task // from next on; what is before is done
	next    int
	reading bool // one of them reads, or waits to
	ready   bool // one of them is ready to run and has not run yet
	idle    int
	call    chan struct{}
}

// maxIdle is how many goroutines are kept that have nothing to do. They are kept because
// the engine needs a stack that takes long to grow.
const maxIdle = 64

func (c *crew) init() { c.call = make(chan struct{}, maxIdle) }

// add queues a task. It is called by the one who reads.
func (c *crew) add(t task) {
	c.mu.Lock()
	c.tasks = append(c.tasks, t)
	c.mu.Unlock()
}

// What a member of the crew is to do.
type duty uint8

const (
	dutyTask duty = iota
	dutyRead
	dutyWait
	dutyNone // there are enough of them
)

// assign tells what to do next. The task is set if that is one; relief says that
// another one is to be made ready.
func (c *crew) assign(t *task) (d duty, relief bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.next < len(c.tasks):
		*t, c.tasks[c.next] = c.tasks[c.next], task{}
		if c.next++; c.next == len(c.tasks) {
			c.tasks, c.next = c.tasks[:0], 0
		}
		relief = !c.ready && !c.reading
		if relief {
			c.ready = true
		}
		return dutyTask, relief
	case !c.reading:
		c.reading = true
		return dutyRead, false
	case c.idle < maxIdle:
		c.idle++
		return dutyWait, false
	}
	return dutyNone, false
}

// relieve makes a member of the crew ready to run.
func (g *guest) relieve() {
	c := &g.crew
	c.mu.Lock()
	some := c.idle > 0
	if some {
		c.idle--
	}
	c.mu.Unlock()
	if some {
		c.call <- struct{}{}
		return
	}
	go func() {
		g.called()
		g.work()
	}()
}

// called is what a member does first that was made ready.
func (g *guest) called() {
	g.crew.mu.Lock()
	g.crew.ready = false
	g.crew.mu.Unlock()
	g.link.flush()
}

// serve answers the server until the link ends, and returns why.
func (g *guest) serve() error {
	go g.work()
	<-g.link.ended
	return g.link.err
}

// patience is how long an answer may be held for others to be written with it.
const patience = 100 * time.Microsecond

// work is a member of the crew.
func (g *guest) work() {
	var t task
	var held time.Duration // since when an answer may be held; 0 if none is
	for {
		d, relief := g.crew.assign(&t)
		if d != dutyTask {
			g.link.flush()
			held = 0
		}
		switch d {
		case dutyTask:
			if relief {
				g.relieve()
			}
			t.remote.run(&t)
			switch began := time.Duration(t.remote.started.Load()); {
			case held == 0:
				held = began
			case began-held > patience:
				g.link.flush()
				held = began
			}
			t = task{}
		case dutyRead:
			pprof.SetGoroutineLabels(context.Background()) // this is nobody's doing
			if g.read() != nil {
				return
			}
		case dutyWait:
			select {
			case <-g.crew.call:
				g.called()
			case <-g.link.ended:
				return
			}
		case dutyNone:
			return
		}
	}
}

// read waits for frames and handles what is no event.
func (g *guest) read() error {
	l := g.link
	err := l.fill()
	for err == nil {
		k, id, payload, ok, e := l.reader.frames.next()
		if err = e; !ok {
			break
		}
		err = l.dispatch(k, id, payload)
	}
	if err != nil {
		l.fail(err)
	}
	g.crew.mu.Lock()
	g.crew.reading = false
	g.crew.mu.Unlock()
	return err
}
