package host

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
	"github.com/mayfly-edge/mayfly/runtime/pool"
)

// pipe is a link whose other end nobody reads.
func pipe(t testing.TB) *link {
	a, b := net.Pipe()
	l := newLink(a)
	go func() { _, _ = io.Copy(io.Discard, b) }()
	t.Cleanup(func() {
		l.fail(errLinkClosed)
		b.Close()
	})
	return l
}

func TestMessages(t *testing.T) {
	l := pipe(t)
	now := time.Unix(1700000000, 123)
	req := &outside.Request{
		Method: "POST", URL: "https://example.com/ü", Header: []outside.Field{{Name: "a", Value: ""}, {Name: "b", Value: "\xff"}},
		Body: outside.Body{Bytes: []byte{}}, Redirect: outside.RedirectManual, KeepEncoding: true, CF: []byte("{}"),
	}
	b, _ := l.appendRequest(nil, req)
	d := &decoder{b: b}
	if got := l.request(d); !reflect.DeepEqual(got, req) || d.done() != nil {
		t.Errorf("request %+v", got)
	}
	res := &outside.Response{Status: 404, StatusText: "Nope", URL: "u", Redirected: true, KeepEncoding: true, Header: req.Header, Body: outside.Body{Bytes: []byte("x")}}
	b, _ = l.appendResponse(nil, res)
	d = &decoder{b: b}
	if got := l.response(d); !reflect.DeepEqual(got, res) || d.done() != nil {
		t.Errorf("response %+v", got)
	}
	report := outside.Report{
		Outcome: outside.OutcomeException, Start: now, Wall: 1, CPU: 2, ColdStart: 3, Status: 200, Subrequests: 4, KVReads: 5, KVWrites: 6,
		KVDeletes: 7, KVLists: 8, BytesIn: 9, BytesOut: 10, Truncated: true,
		Exceptions: []outside.Exception{{Time: now, Name: "n", Message: "m", Stack: "s"}},
	}
	d = &decoder{b: appendReport(nil, &report)}
	var got outside.Report
	if d.report(&got); !reflect.DeepEqual(got, report) || d.done() != nil {
		t.Errorf("report %+v", got)
	}
	line := outside.LogLine{Time: now, Level: "warn", Text: "t", Message: []byte("[]")}
	d = &decoder{b: appendLine(nil, &line)}
	if got := d.line(); !reflect.DeepEqual(got, line) || d.done() != nil {
		t.Errorf("line %+v", got)
	}
	page := outside.KVPage{Keys: []outside.KVKey{{Name: "k", Expiration: 1, Metadata: []byte("1")}}, Cursor: "c"}
	d = &decoder{b: appendPage(nil, &page)}
	if got := d.page(); !reflect.DeepEqual(*got, page) || d.done() != nil {
		t.Errorf("page %+v", got)
	}
	put := outside.KVPut{Key: "k", Value: []byte("v"), Expiration: 1, ExpirationTTL: 2}
	d = &decoder{b: appendPut(nil, &put)}
	if got := d.put(); !reflect.DeepEqual(got, put) || d.done() != nil {
		t.Errorf("put %+v", got)
	}
}

func TestErrors(t *testing.T) {
	for _, err := range []error{
		errors.New("text"),
		&outside.Error{Kind: outside.KindRange, Status: 413, Message: "big"},
		&outside.CloseError{Code: 1001, Reason: "away"},
		&isolate.Thrown{Exception: outside.Exception{Time: time.Unix(0, 1), Name: "E", Message: "m", Stack: "s"}},
		&worker.LoadError{Reason: worker.NoHandlers, Err: errors.New("none")},
		&compiler.Error{Diagnostics: []compiler.Diagnostic{{File: "f", Line: 1, Notes: []string{"n"}}}},
		&Failure{Outcome: outside.OutcomeExceededMemory, Message: "m", Bystander: true},
		pool.ErrFull,
	} {
		d := &decoder{b: appendError(nil, err)}
		if got := decodeError(d); !reflect.DeepEqual(got, err) || d.done() != nil {
			t.Errorf("%#v became %#v", err, got)
		}
	}
}

// TestTruncated cuts messages everywhere: each cut must be noticed.
func TestTruncated(t *testing.T) {
	l := pipe(t)
	b, _ := l.appendRequest(nil, &outside.Request{Method: "GET", URL: "https://e/", Header: []outside.Field{{Name: "a", Value: "b"}}, CF: []byte("{}")})
	for i := range b {
		d := &decoder{b: b[:i:i]}
		if l.request(d); d.done() == nil {
			t.Errorf("cut at %d of %d", i, len(b))
		}
	}
}

// FuzzFrames gives a child's link whatever comes. It must neither panic nor take more
// memory than the input is worth.
func FuzzFrames(f *testing.F) {
	frame := func(k kind, id uint32, payload []byte) []byte {
		b := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
		b = binary.LittleEndian.AppendUint32(append(b, byte(k)), id)
		return append(b, payload...)
	}
	f.Add(frame(kAnswer, 1, []byte{answerResponse, 0, 200, 1, 0, 0, 0, 0, 0, 0}))
	f.Add(frame(kReport, 1, appendReport(nil, &outside.Report{Outcome: outside.OutcomeOK})))
	f.Add(frame(kLog, 1, appendLine(nil, &outside.LogLine{Text: "t"})))
	f.Add(slices.Concat(frame(kCredit, 1, []byte{5}), frame(kStop, 1, nil), frame(kChunk, 9, []byte("x")), frame(kBroken, 9, []byte{0, 0})))
	f.Add(frame(kCall, 1, append([]byte{0, byte(callKVGet)}, appendStrings(appendString(nil, "KV"), []string{"a"})...)))
	f.Add(frame(kErrand, 1, []byte{0, problemCompiler, 3, '[', ']'}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5})
	f.Add(frame(0x58, 1, []byte("an unknown kind")))
	f.Add(slices.Concat(frame(kBlock, 1, []byte{1, 5}), frame(kRecall, 0, nil), frame(kBlock, 1, []byte{1, 5}), frame(kReturn, 0, nil)))
	l := pipe(f)
	shared := newSlab(make([]byte, slabLen), func([]byte) {})
	l.handle = func(kind, uint32, []byte) error { return errMalformed }
	f.Fuzz(func(t *testing.T, input []byte) {
		c := &child{
			link: l, flights: map[uint32]*flight{}, errands: map[uint32]chan<- []byte{}, calls: map[uint32]*answering{},
			numbers: map[uint32]*sent{}, ready: make(chan struct{}), page: newPage(make([]byte, pageSize)),
		}
		close(c.ready)
		l.lender, l.borrower = newLender(shared), &borrower{slab: shared}
		var read frames
		for rest := input; ; {
			k, id, payload, ok, err := read.next()
			if err != nil {
				return
			}
			if !ok {
				n := copy(read.room(), rest)
				if n == 0 {
					return
				}
				read.end += n
				rest = rest[n:]
				continue
			}
			switch {
			case k >= kChunk:
				l.mu.Lock()
				l.in[id] = &inStream{link: l, id: id, change: make(chan struct{}, 1), granted: 10}
				l.out[id] = &outStream{link: l, id: id, change: make(chan struct{}, 1)}
				l.mu.Unlock()
				if l.dispatch(k, id, payload) != nil {
					return
				}
			case k == kReady:
			default:
				d := &decoder{b: payload}
				l.request(d)
				d = &decoder{b: payload}
				l.response(d)
				l.socket(d)
				_ = decodeError(&decoder{b: payload})
				var report outside.Report
				(&decoder{b: payload}).report(&report)
				(&decoder{b: payload}).page()
				(&decoder{b: payload}).entries()
				_, _ = (&decoder{b: payload}).bundle()
				c.flights[id] = &flight{child: c, answer: make(chan answer, 2), slot: unknownSlot, event: worker.Event{Outside: nowhere{}}}
				if c.handle(k, id, payload) != nil {
					return
				}
			}
		}
	})
}

// nowhere is an Outside of which only the reports and the log are used.
type nowhere struct{ outside.Outside }

func (nowhere) Log(*outside.Call, *outside.LogLine) {}
func (nowhere) Report(*outside.Report)              {}

func TestStacks(t *testing.T) {
	const text = `goroutine 1 [chan receive]:
main.main()
	/x/main.go:9 +0x53

goroutine 7 [runnable, locked to thread labels:{"event": "12/3"}]:
github.com/dop251/goja.(*vm).run(0x1)
	/x/vm.go:5 +0x2
github.com/mayfly-edge/mayfly/isolate.(*Isolate).run(0xc1, 0xc2)
	/x/isolate.go:7 +0x8c

goroutine 8 [runnable]:
github.com/mayfly-edge/mayfly/isolate.(*Isolate).run(0xc3, 0xc4?)
	/x/isolate.go:7 +0x8c
github.com/mayfly-edge/mayfly/isolate.(*Isolate).Start(0xc3)
	/x/isolate.go:9 +0x8c

goroutine 9 [running labels:{"event": "4096/1"}]:
github.com/mayfly-edge/mayfly/isolate/compiler.(*Bundle).Compile(0xc5)
	/x/parse.go:9 +0x8c
`
	want := []runningTurn{
		{"7 isolate.(*Isolate).run(0xc1, 0xc2)", mark{12, 3}, eventTurn},
		{"8 isolate.(*Isolate).run(0xc3, 0xc4?)", unmarked, startupTurn},
		{"9 compiler.(*Bundle).Compile(0xc5)", unmarked, compileTurn},
	}
	if got := runningTurns([]byte(text)); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	c := readCrash([]byte("runtime: goroutine stack exceeds 1000-byte limit\nfatal error: stack overflow\n\ngoroutine 5 gp=0x1 m=2 mp=0x2 [running labels:{\"event\": \"4/2\"}]:\nx()\n"))
	if !c.memory || c.mark != (mark{4, 2}) {
		t.Errorf("crash %+v", c)
	}
}

func TestRendezvous(t *testing.T) {
	moved := 0
	for i := range 1000 {
		key := string(rune('a'+i%26)) + string(rune(i))
		before, after := rendezvous(key, 8, 2), rendezvous(key, 9, 2)
		if len(before) != 2 || before[0] == before[1] {
			t.Fatalf("%v", before)
		}
		if before[0] != after[0] {
			if after[0] != 8 {
				t.Errorf("%q moved from %d to %d", key, before[0], after[0])
			}
			moved++
		}
	}
	if moved == 0 || moved > 250 {
		t.Errorf("%d of 1000 moved", moved)
	}
}

func TestBlame(t *testing.T) {
	now := time.Unix(0, 0)
	b := newBlame(func() time.Time { return now })
	s := scriptID{"a", "s"}
	verdict := func(version string) string {
		alone, refused := b.verdict("a", "s", version)
		switch {
		case refused != nil:
			return "refused"
		case alone:
			return "alone"
		}
		return "free"
	}
	steps := []struct {
		version string
		after   time.Duration
		want    string
	}{
		{"1", 0, "free"}, {"1", time.Minute, "alone"}, {"1", 0, "alone"}, {"1", 0, "alone"},
		{"1", 10 * time.Minute, "alone"}, // the others are too long ago
		{"1", 0, "alone"}, {"1", 0, "alone"}, {"1", 0, "alone"}, {"1", 0, "refused"},
		{"2", 0, "alone"},
	}
	for i, step := range steps {
		now = now.Add(step.after)
		b.strike(s, step.version)
		if got := verdict(step.version); got != step.want {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
	b.release(s)
	if got := verdict("2"); got != "free" {
		t.Errorf("released: %s", got)
	}
	b.suspect(s)
	b.suspect(s)
	if got := verdict("2"); got != "alone" {
		t.Errorf("twice a suspect: %s", got)
	}
}

// TestSendAllocates nothing once the buffers have grown.
func TestSendAllocates(t *testing.T) {
	l := pipe(t)
	payload := make([]byte, 500)
	l.send(kLog, 1, payload)
	if n := testing.AllocsPerRun(1000, func() { l.send(kLog, 1, payload) }); n > 0.5 {
		t.Errorf("%v allocations for a frame", n)
	}
}
