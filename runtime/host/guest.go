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
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// Command is the subcommand by which a binary calls Main: a program that makes a
// Process must do so when its first argument is Command.
const Command = "isolate-host"

// File descriptors of a child.
const (
	fdSocket = 3
	fdPage   = 4
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
	g := newGuest(conn, p)
	return g.link.read()
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
	tasks   chan task // to idle goroutines

	profiler Profiler

	mu       sync.Mutex
	versions map[uint32]*pool.Version
	events   map[uint32]*remote
	calls    map[uint32]chan<- []byte // waiting for a reply
	lastCall uint32
}

// newGuest answers the server over conn; the caller runs the link's read.
func newGuest(conn net.Conn, p *page) *guest {
	g := &guest{
		link: newLink(conn), page: p, tasks: make(chan task),
		versions: map[uint32]*pool.Version{}, events: map[uint32]*remote{}, calls: map[uint32]chan<- []byte{},
	}
	g.link.handle = g.handle
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
		g.give(t)
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
		go g.errand(id, d)
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
	debug.SetMaxStack(maxStack)
	if s.Memory > 0 {
		debug.SetMemoryLimit(s.Memory / 10 * 8)
	}
	g.pool = pool.New(pool.Options{IdleTimeout: time.Duration(s.Idle), SpreadTo: spread})
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

// A task is an event to be handled.
type task struct {
	kind    kind
	remote  *remote
	request *outside.Request
	name    string // the cron expression or the method
	at      time.Time
	data    []byte
}

// give hands a task to a goroutine that is idle, or to a new one. They are kept because
// the engine needs a stack that takes long to grow.
func (g *guest) give(t task) {
	select {
	case g.tasks <- t:
	default:
		go g.serve(t)
	}
}

// workerIdle is how long a goroutine waits for another task.
const workerIdle = 10 * time.Second

func (g *guest) serve(t task) {
	idle := time.NewTimer(workerIdle)
	defer idle.Stop()
	for {
		t.remote.run(&t)
		t = task{}
		idle.Reset(workerIdle)
		select {
		case t = <-g.tasks:
		case <-idle.C:
			return
		}
	}
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
	r.Context, r.cancel = context.WithCancelCause(context.Background())
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
	g.link.send(kCall, id, append(append(head, byte(c)), args...))
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

// remote is one event in a child: what it reaches is at the other end of the link. It is
// the context of the event too.
type remote struct {
	context.Context // ends when nobody waits for the answer
	cancel          context.CancelCauseFunc

	guest      *guest
	id         uint32
	slot       int
	number     uint32 // of the version
	version    *pool.Version
	call       outside.Call
	entrypoint string
	internal   bool
	cpu        time.Duration // the event's own limit, or 0

	mu       sync.Mutex
	answered bool
	report   *outside.Report // known before the answer
	started  atomic.Int64    // monitor's clock
}

var _ outside.Outside = (*remote)(nil)

func (r *remote) event() worker.Event {
	return worker.Event{
		Context: r.Context, Outside: r, Call: r.call, Entrypoint: r.entrypoint, CPU: r.cpu, Internal: r.internal, Finished: r.finished,
	}
}

// begin marks the event as begun. Goroutines that come of it carry its label, which a
// traceback shows.
func (r *remote) begin() {
	g := r.guest
	if r.slot < slots {
		g.page.begun[r.slot].Store(1)
		g.labels.set(r.slot, r.number)
	}
	r.started.Store(int64(time.Since(g.monitor.start)))
	g.monitor.enter()
}

// run handles the event and answers.
func (r *remote) run(t *task) {
	r.begin()
	var err error
	var data []byte
	switch p := r.guest.pool; t.kind {
	case kFetch:
		r.fetch(t.request)
		return
	case kScheduled:
		err = p.Scheduled(r.version, r.event(), t.name, t.at)
	case kRPC:
		data, err = p.RPC(r.version, r.event(), t.name, t.data)
	case kInvoke:
		data, err = p.Invoke(r.version, r.event(), t.data)
	}
	if err != nil {
		r.failed(err)
		return
	}
	r.answer(appendBytes([]byte{answerData}, data))
}

func (r *remote) fetch(req *outside.Request) {
	res, err := r.guest.pool.Fetch(r.version, r.event(), req)
	if err != nil {
		r.failed(err)
		return
	}
	l := r.guest.link
	b := append(make([]byte, 0, 512), answerResponse)
	b, body := l.appendResponse(b, res)
	b, lend := l.appendSocket(b, r.Context, res.Socket)
	r.answer(b)
	if body != nil {
		go body.pump()
	}
	if lend != nil {
		lend()
	}
}

// failed answers by an error.
func (r *remote) failed(err error) {
	if none, ok := err.(*pool.NotRun); ok {
		r.leave()
		r.guest.link.send(kAnswer, r.id, appendError([]byte{answerNotRun}, none.Err))
		return
	}
	r.answer(appendError([]byte{answerFailed}, err))
}

// What an answer is.
const (
	answerResponse = iota
	answerData
	answerFailed
	answerNotRun // no report follows
)

// answer sends the answer, with the report if the event has ended.
func (r *remote) answer(b []byte) {
	r.mu.Lock()
	r.answered = true
	report := r.report
	r.mu.Unlock()
	b = appendBool(b, report != nil)
	if report != nil {
		b = appendReport(b, report)
	}
	r.guest.link.send(kAnswer, r.id, b)
}

// finished is told that the event has ended.
func (r *remote) finished(report *outside.Report) {
	r.leave()
	r.mu.Lock()
	answered := r.answered
	r.report = report
	r.mu.Unlock()
	if answered {
		r.guest.link.send(kReport, r.id, appendReport(nil, report))
	}
}

func (r *remote) leave() {
	g := r.guest
	g.mu.Lock()
	delete(g.events, r.id)
	g.mu.Unlock()
	g.monitor.leave()
}
