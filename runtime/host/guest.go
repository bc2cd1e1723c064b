package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// Command is the subcommand by which a binary calls Main: a program that makes a
// Process must do so when its first argument is Command.
const Command = "isolate-host"

// File descriptors of a child.
const (
	fdSocket = 3
	fdPage   = 4
	fdDown   = 5 // the slab that the server fills, if there are slabs
	fdUp     = 6 // the slab that the child fills
)

// Main is a child process: it runs isolates until the server ends it, and returns the
// exit status. It takes no flags; what it needs comes by the descriptors that the
// server leaves it.
func Main() int {
	err := guestMain()
	if errors.Is(err, io.EOF) { // the server has closed the connection
		return 0
	}
	fmt.Fprintln(os.Stderr, "isolate-host:", err)
	return 1
}

func guestMain() error {
	// A terminal or a supervisor signals all processes; the server decides when to end
	// this one.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	shared := os.NewFile(fdPage, "page")
	socket := os.NewFile(fdSocket, "socket")
	if shared == nil || socket == nil {
		return fmt.Errorf("%s is started by the server, not by hand", Command)
	}
	p, err := mapPage(shared)
	if err != nil {
		return fmt.Errorf("%w (%s is started by the server, not by hand)", err, Command)
	}
	shared.Close()
	conn, err := net.FileConn(socket)
	if err != nil {
		return err
	}
	socket.Close()
	return newGuest(conn, p).serve()
}

// maxStack bounds a goroutine's stack. A native recursion that nothing stops dies at it,
// the sooner the smaller it is; the engine's own limit of calls needs a quarter.
const maxStack = 64 << 20

// A guest is a child process: a pool at the far end of a link.
type guest struct {
	link    *link
	page    *page
	pool    *pool.Pool
	monitor *monitor
	labels  labels
	crew    crew
	entries entries

	profiler Profiler

	mu       sync.Mutex
	versions map[uint32]*pool.Version
	events   map[uint32]*remote
	calls    map[uint32]chan<- []byte // waiting for a reply
	lastCall uint32
}

// newGuest answers the server over conn once the caller runs serve.
func newGuest(conn net.Conn, p *page) *guest {
	g := &guest{
		link: newLink(conn), page: p,
		versions: map[uint32]*pool.Version{}, events: map[uint32]*remote{}, calls: map[uint32]chan<- []byte{},
	}
	g.link.handle = g.handle
	g.crew.init()
	return g
}

// handle takes a frame of the server's, which is to be believed.
func (g *guest) handle(k kind, id uint32, payload []byte) error {
	d := &decoder{b: payload}
	if g.pool == nil && k != kSetup {
		return fmt.Errorf("frame %d came before the settings", k)
	}
	switch k {
	case kSetup:
		return g.setup(payload)
	case kVersion:
		v, err := decodeVersion(payload, func(ctx context.Context) (*compiler.Bundle, error) { return g.bundle(ctx, id) })
		if err != nil {
			return err
		}
		g.mu.Lock()
		g.versions[id] = v
		g.mu.Unlock()
	case kRetire:
		g.mu.Lock()
		v := g.versions[id]
		delete(g.versions, id)
		g.mu.Unlock()
		if v != nil {
			g.pool.Retire(v.Version)
		}
	case kKeep:
		g.mu.Lock()
		v := g.versions[id]
		g.mu.Unlock()
		if v != nil {
			g.pool.Keep(v, int(d.uint()))
		}
	case kFetch, kScheduled, kRPC, kInvoke:
		r, err := g.event(id, d)
		if err != nil {
			return err
		}
		t := task{kind: k, remote: r}
		switch k {
		case kFetch:
			t.request = g.link.request(d)
		case kScheduled:
			t.name, t.at = d.string(), d.time()
		case kRPC:
			t.name, t.data = d.string(), d.bytes()
		case kInvoke:
			t.data = d.bytes()
		}
		if err := d.done(); err != nil {
			return err
		}
		g.crew.add(t)
	case kCancel:
		g.mu.Lock()
		r := g.events[id]
		g.mu.Unlock()
		if r != nil {
			r.cancel(decodeError(d))
		}
	case kReply:
		g.mu.Lock()
		reply := g.calls[id]
		delete(g.calls, id)
		g.mu.Unlock()
		if reply != nil {
			reply <- payload
		}
	case kAsk:
		go g.errand(id, &decoder{b: payload})
	default:
		return fmt.Errorf("a frame of the unknown kind %d", k)
	}
	return nil
}

func (g *guest) setup(payload []byte) error {
	var s settings
	if err := json.Unmarshal(payload, &s); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if s.Slabs {
		var err error
		if g.link.lender, g.link.borrower, err = mapSlabs(); err != nil {
			return err
		}
	}
	if s.Marks != 0 {
		var err error
		if g.entries.marks, err = mapMarks(s.Marks); err != nil {
			return err
		}
	}
	debug.SetMaxStack(maxStack)
	if s.Memory > 0 {
		debug.SetMemoryLimit(s.Memory / 10 * 8)
	}
	g.pool = pool.New(pool.Options{IdleTimeout: time.Duration(s.Idle), SpreadTo: spread, Stuck: func(o outside.Outside, over time.Duration) { g.monitor.stuck(o, over) }})
	g.monitor = startMonitor(g, s.Memory)
	var list parts
	if !s.Free {
		list = confine(s.Memory)
	} else {
		list = parts{{Name: "sandbox", Reason: "switched off"}}
	}
	said, err := json.Marshal(list)
	if err != nil {
		return err
	}
	g.link.send(kReady, 0, said)
	return nil
}

// spread is how many isolates of one version a child makes before requests share them.
const spread = 16

// event registers an event whose head is at the front of d.
func (g *guest) event(id uint32, d *decoder) (*remote, error) {
	number := uint32(d.uint())
	g.mu.Lock()
	v := g.versions[number]
	g.mu.Unlock()
	if v == nil {
		return nil, fmt.Errorf("an event for the unknown version %d", number)
	}
	r := &remote{guest: g, id: id, slot: int(d.uint()), number: number, version: v}
	r.internal = d.bool()
	r.cpu = d.duration()
	r.entrypoint = d.string()
	r.call = d.call()
	if d.bad || r.slot > unknownSlot {
		return nil, errMalformed
	}
	g.mu.Lock()
	g.events[id] = r
	g.mu.Unlock()
	return r, nil
}

// bundle asks the server for the bundle of a version.
func (g *guest) bundle(ctx context.Context, number uint32) (*compiler.Bundle, error) {
	d, err := g.ask(ctx, 0, callBundle, appendUint(nil, uint64(number)))
	if err != nil {
		return nil, err
	}
	return d.bundle()
}

// ask makes a call and waits for the reply. event is 0 for a call that belongs to none.
func (g *guest) ask(ctx context.Context, event uint32, c call, args []byte) (*decoder, error) {
	reply := make(chan []byte, 1)
	g.mu.Lock()
	g.lastCall++
	id := g.lastCall
	g.calls[id] = reply
	g.mu.Unlock()
	head := appendUint(make([]byte, 0, len(args)+8), uint64(event))
	g.link.sendAndWait(kCall, id, append(append(head, byte(c)), args...))
	select {
	case p := <-reply:
		d := &decoder{b: p}
		if d.bool() {
			return d, nil
		}
		return nil, decodeError(d)
	case <-ctx.Done():
		g.mu.Lock()
		delete(g.calls, id)
		g.mu.Unlock()
		g.link.send(kUncall, id, nil) // also if the answer has come: it may have a body
		return nil, context.Cause(ctx)
	case <-g.link.ended:
		return nil, errLinkClosed
	}
}

// errand does what is no event and answers with its result.
func (g *guest) errand(id uint32, d *decoder) {
	g.monitor.enter()
	result, err := g.run(d)
	g.monitor.leave()
	if err != nil {
		g.link.send(kErrand, id, appendError(appendBool(nil, false), err))
		return
	}
	g.link.send(kErrand, id, append(appendBool(nil, true), result...))
}

func (g *guest) run(d *decoder) ([]byte, error) {
	ctx := context.Background()
	switch e := errand(d.byte()); e {
	case errandProfile:
		return g.profile(d)
	case errandBuild:
		var src compiler.Source
		if err := json.Unmarshal(d.bytes(), &src); err != nil {
			return nil, fmt.Errorf("source: %w", err)
		}
		b, err := compiler.BuildBundle(ctx, src)
		if err != nil {
			return nil, err
		}
		return appendBundle(nil, b)
	case errandValidate, errandPrewarm:
		g.mu.Lock()
		v := g.versions[uint32(d.uint())]
		g.mu.Unlock()
		if v == nil {
			return nil, fmt.Errorf("errand %d for an unknown version", e)
		}
		if e == errandPrewarm {
			return nil, g.pool.Prewarm(ctx, v, int(d.uint()))
		}
		found, err := g.pool.Validate(ctx, v)
		if err != nil {
			return nil, err
		}
		b := appendStrings(nil, found.Handlers)
		b = appendStrings(b, found.Entrypoints)
		return appendInt(b, int64(found.Startup)), nil
	default:
		return nil, fmt.Errorf("the unknown errand %d", e)
	}
}
