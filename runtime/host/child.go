package host

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// A child is a child process as the server knows it.
type child struct {
	owner *Process
	cmd   *exec.Cmd
	link  *link
	page  *page
	words *lastWords // its standard error

	ready chan struct{} // closed when parts is set, or the child is gone
	parts []Part
	gone  chan struct{} // closed when its process has ended and its events are settled

	busy atomic.Int64 // events in flight
	load atomic.Int64 // CPU time that they may need, in nanoseconds

	dismissed bool // ended because it is not needed; guarded by owner.mu

	mu        sync.Mutex
	dead      bool
	condemned outside.Outcome // why it is being killed
	flights   map[uint32]*flight
	last      uint32 // id of the newest event or errand
	free      []uint16
	fresh     int // slots from here on were never used
	versions  map[string]*sent
	numbers   map[uint32]*sent
	retired   []uint32 // numbers, the oldest first
	number    uint32
	errands   map[uint32]chan<- []byte
	calls     map[uint32]*answering
}

// sent is a version that a child has been told of.
type sent struct {
	number  uint32
	version *pool.Version
	cost    time.Duration // CPU time that an event took of late
}

// firstCost is the cost of an event of a version of which none has ended yet.
const firstCost = time.Millisecond

// took records what an event has cost. The mutex of the child is held.
func (s *sent) took(cpu time.Duration) { s.cost += (min(cpu, time.Second) - s.cost) / 8 }

// startChild starts a process; it is ready once the channel ready is closed.
func startChild(p *Process) (*child, error) {
	conn, socket, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer socket.Close()
	shared, file, err := createPage()
	if err != nil {
		conn.Close()
		return nil, err
	}
	defer file.Close()
	c := &child{
		owner: p, page: shared, words: newLastWords(),
		ready: make(chan struct{}), gone: make(chan struct{}),
		flights: map[uint32]*flight{}, versions: map[string]*sent{}, numbers: map[uint32]*sent{},
		errands: map[uint32]chan<- []byte{}, calls: map[uint32]*answering{},
	}
	lender, borrower, slabs, err := createSlabs()
	if err != nil {
		p.o.Log.Debug("bodies go through the socket", "reason", err)
	}
	for _, f := range slabs {
		defer f.Close()
	}
	files := append([]*os.File{socket, file}, slabs...)
	marks := 0
	if p.o.Marks != nil {
		marks = fdSocket + len(files)
		files = append(files, p.o.Marks.file)
	}
	if c.parts, err = c.start(files); err != nil {
		conn.Close()
		shared.unmap()
		return nil, fmt.Errorf("host process: %w", err)
	}
	c.link = newLink(conn)
	c.link.handle, c.link.lender, c.link.borrower = c.handle, lender, borrower
	setup, err := json.Marshal(settings{Idle: int64(p.o.Idle), Memory: p.o.Memory, Free: p.o.NoSandbox, Slabs: slabs != nil, Marks: marks})
	if err != nil {
		return nil, err // plain numbers only
	}
	c.link.send(kSetup, 0, setup)
	go c.serve()
	return c, nil
}

// start starts the process, in namespaces of its own where the system lets it, with
// files from fdSocket on.
func (c *child) start(files []*os.File) ([]Part, error) {
	command := func() *exec.Cmd {
		cmd := exec.Command(c.owner.o.Command[0], c.owner.o.Command[1:]...)
		// Nothing of the server's environment, which may hold secrets.
		cmd.Env = append([]string{
			"GODEBUG=tracebacklabels=1", "GOTRACEBACK=single", "TZ=UTC",
			fmt.Sprintf("GOGC=%d", gcPercent), fmt.Sprintf("GOMAXPROCS=%d", c.owner.o.Threads),
		}, c.owner.o.Environment...)
		cmd.ExtraFiles = files
		cmd.Stderr = c.words
		cmd.WaitDelay = time.Second
		return cmd
	}
	if c.owner.o.NoSandbox {
		c.cmd = command()
		return nil, c.cmd.Start()
	}
	cmd, list, err := isolateProcess(command)
	if err != nil {
		return nil, err
	}
	c.cmd = cmd
	return append(list, c.owner.groups.limit(cmd.Process.Pid, c.owner.o.Memory)), nil
}

// serve reads until the child ends, and settles what it leaves.
func (c *child) serve() {
	readErr := c.link.read()
	// The socket ends before the process when it breaks the protocol.
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	c.owner.log("host process ended", c, "error", readErr, "status", c.cmd.ProcessState.String())
	c.owner.bury(c)
	c.owner.groups.release(c.cmd.Process.Pid)
	close(c.gone)
}

// kill ends the child because of an event's doing.
func (c *child) kill(why outside.Outcome) {
	c.mu.Lock()
	if c.condemned == "" {
		c.condemned = why
	}
	c.mu.Unlock()
	_ = c.cmd.Process.Kill()
}

// handle takes a frame of the child's, which is not to be trusted.
func (c *child) handle(k kind, id uint32, payload []byte) error {
	d := &decoder{b: payload}
	switch k {
	case kReady:
		var list parts
		if err := json.Unmarshal(payload, &list); err != nil {
			return err
		}
		select {
		case <-c.ready:
			return fmt.Errorf("the host process was ready twice")
		default:
		}
		c.parts = append(c.parts, list...)
		close(c.ready)
		c.owner.started()
	case kAnswer:
		c.mu.Lock()
		f := c.flights[id]
		c.mu.Unlock()
		if f == nil {
			return nil
		}
		return f.answered(d)
	case kReport:
		c.mu.Lock()
		f := c.flights[id]
		c.mu.Unlock()
		if f == nil {
			return nil
		}
		return f.reported(d)
	case kLog:
		c.mu.Lock()
		f := c.flights[id]
		c.mu.Unlock()
		if f == nil {
			return nil
		}
		line := d.line()
		if err := d.done(); err != nil {
			return err
		}
		return f.logged(line)
	case kCall:
		return c.called(id, &decoder{b: payload}) // which its goroutine keeps
	case kUncall:
		c.mu.Lock()
		a := c.calls[id]
		c.mu.Unlock()
		if a != nil {
			a.cancel(context.Canceled)
		}
	case kErrand:
		c.mu.Lock()
		result := c.errands[id]
		delete(c.errands, id)
		c.mu.Unlock()
		if result != nil {
			result <- payload
		}
	default:
		return fmt.Errorf("a frame of the unknown kind %d", k)
	}
	return nil
}

// know tells the child of a version if it has not been told yet. c.mu is held.
func (c *child) know(v *pool.Version) (*sent, error) {
	if s := c.versions[v.Version]; s != nil {
		if s.version != v {
			s.version = v // the same, read anew from the store
		}
		return s, nil
	}
	text, err := encodeVersion(v)
	if err != nil {
		return nil, err
	}
	c.number++
	s := &sent{c.number, v, firstCost}
	c.versions[v.Version], c.numbers[s.number] = s, s
	c.link.send(kVersion, s.number, text)
	return s, nil
}

// keep tells the child how many isolates of a version to keep.
func (c *child) keep(v *pool.Version, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return
	}
	if s, err := c.know(v); err == nil {
		c.link.send(kKeep, s.number, appendUint(nil, uint64(n)))
	}
}

// retire makes the child drop a version.
func (c *child) retire(version string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if number, ok := c.forget(version); ok {
		c.link.send(kRetire, number, nil)
	}
}

// keptRetired is how many retired versions are remembered by their numbers. Events that
// were on their way still need the bundle of theirs, and so does whoever waits for an
// isolate together with them.
const keptRetired = 64

// forget makes a version one that the child is not known to have. c.mu is held.
func (c *child) forget(version string) (number uint32, ok bool) {
	s := c.versions[version]
	if s == nil {
		return 0, false
	}
	delete(c.versions, version)
	c.retired = append(c.retired, s.number)
	if len(c.retired) > keptRetired {
		delete(c.numbers, c.retired[0])
		c.retired = c.retired[1:]
	}
	return s.number, true
}

// errand asks the child for something that is no event.
func (c *child) errand(ctx context.Context, e errand, v *pool.Version, args []byte) (*decoder, error) {
	result := make(chan []byte, 1)
	b := []byte{byte(e)}
	c.mu.Lock()
	if c.dead {
		c.mu.Unlock()
		return nil, errGone
	}
	if v != nil {
		s, err := c.know(v)
		if err != nil {
			c.mu.Unlock()
			return nil, err
		}
		b = appendUint(b, uint64(s.number))
	}
	c.last++
	id := c.last
	c.errands[id] = result
	c.mu.Unlock()
	c.link.send(kAsk, id, append(b, args...))
	select {
	case p := <-result:
		d := &decoder{b: p}
		if d.bool() {
			return d, nil
		}
		err := decodeError(d)
		return nil, err
	case <-c.gone:
		return nil, errGone
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.errands, id)
		c.mu.Unlock()
		return nil, context.Cause(ctx)
	}
}

// lastWords keeps the first and the last of what a process says on its standard error.
type lastWords struct {
	mu         sync.Mutex
	head, tail []byte
}

const lastWordsLen = 16 << 10

func newLastWords() *lastWords { return new(lastWords) }

func (w *lastWords) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rest := p
	if room := lastWordsLen - len(w.head); room > 0 {
		n := min(room, len(rest))
		w.head, rest = append(w.head, rest[:n]...), rest[n:]
	}
	w.tail = append(w.tail, rest...)
	if over := len(w.tail) - lastWordsLen; over > 0 {
		w.tail = append(w.tail[:0], w.tail[over:]...)
	}
	return len(p), nil
}

func (w *lastWords) text() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append(append([]byte(nil), w.head...), w.tail...)
}
