package host

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
)

// ends are two links that are connected, with slabs between them.
func ends(t testing.TB) (a, b *link) {
	t.Helper()
	here, there := net.Pipe()
	a, b = newLink(here), newLink(there)
	a.handle = func(kind, uint32, []byte) error { return errMalformed }
	b.handle = a.handle
	share := func(from, to *link) {
		s := newSlab(make([]byte, slabLen), func([]byte) {})
		from.lender, to.borrower = newLender(s), &borrower{slab: s}
	}
	share(a, b)
	share(b, a)
	return a, b
}

// start has the links read until the end of the test.
func start(t testing.TB, links ...*link) {
	var all sync.WaitGroup
	for _, l := range links {
		all.Go(func() { _ = l.read() })
	}
	t.Cleanup(func() {
		for _, l := range links {
			l.fail(errLinkClosed)
		}
		all.Wait()
	})
}

// pass sends a body from one link to the other.
func pass(from, to *link, source io.ReadCloser) *inStream {
	out := from.outgoing(source)
	in := to.incoming(out.id)
	go out.pump()
	return in
}

// pattern is n bytes that depend on their place and on seed.
func pattern(seed uint64, n int) []byte {
	b := make([]byte, n)
	source := rand.New(rand.NewPCG(seed, 0))
	for i := 0; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], source.Uint64())
	}
	return b
}

// lent counts the blocks that are not free.
func (l *lender) out() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return blocks - len(l.free)
}

// TestStreams hammers two links with bodies of all sizes, both ways, many more than
// there are blocks for, some of which nobody reads to their end.
func TestStreams(t *testing.T) {
	a, b := ends(t)
	start(t, a, b)
	var all sync.WaitGroup
	for i := range 48 {
		all.Go(func() {
			from, to := a, b
			if i%2 == 1 {
				from, to = b, a
			}
			choose := rand.New(rand.NewPCG(uint64(i), 1))
			for j := range 4 {
				want := pattern(uint64(i*100+j), choose.IntN(512<<10))
				in := pass(from, to, newBytesSource(want))
				if choose.IntN(4) == 0 {
					_, _ = io.CopyN(io.Discard, in, choose.Int64N(256<<10))
					in.Close()
					continue
				}
				p, got := make([]byte, 1+choose.IntN(100<<10)), make([]byte, 0, len(want))
				var err error
				for n := 0; err == nil; got = append(got, p[:n]...) {
					n, err = in.Read(p)
				}
				if err != io.EOF || !bytes.Equal(got, want) {
					t.Errorf("stream %d/%d: %d bytes of %d: %v", i, j, len(got), len(want), err)
				}
				in.Close()
			}
		})
	}
	all.Wait()
	// What was stopped may still be on its way: it is back when what is sent after it is.
	for _, from := range []*link{a, b} {
		to := map[*link]*link{a: b, b: a}[from]
		for from.lender.out() > 0 {
			in := pass(from, to, newBytesSource(pattern(0, 1<<20)))
			if _, err := io.Copy(io.Discard, in); err != nil {
				t.Fatal(err)
			}
			to.flush()
		}
	}
}

// TestNoSlabs sends bodies between ends that share no memory.
func TestNoSlabs(t *testing.T) {
	a, b := ends(t)
	for _, l := range []*link{a, b} {
		l.lender, l.borrower = nil, nil
	}
	start(t, a, b)
	want := pattern(1, 1<<20)
	for _, way := range [][2]*link{{a, b}, {b, a}} {
		if got, err := io.ReadAll(pass(way[0], way[1], newBytesSource(want))); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: %v", len(got), err)
		}
	}
	a.send(kReturn, 0, nil)
	<-b.ended
	if b.err == nil || errors.Is(b.err, io.EOF) {
		t.Errorf("a block was returned that there is not: %v", b.err)
	}
}

// TestRecall leaves streams unread that hold all blocks: the others must get some all
// the same, and what is read later must be whole.
func TestRecall(t *testing.T) {
	a, b := ends(t)
	start(t, a, b)
	want := pattern(1, window)
	var held []*inStream
	for a.lender.out() < blocks {
		in := pass(a, b, newBytesSource(want))
		first := make([]byte, 1)
		if _, err := io.ReadFull(in, first); err != nil || first[0] != want[0] {
			t.Fatal(err)
		}
		if held = append(held, in); len(held) > blocks {
			t.Fatal("the blocks do not run out")
		}
	}
	for range 3 {
		got, err := io.ReadAll(pass(a, b, newBytesSource(want)))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes: %v", len(got), err)
		}
	}
	if n := a.lender.out(); n == blocks {
		t.Error("no block came back")
	}
	for _, in := range held {
		if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, want[1:]) {
			t.Fatalf("%d bytes: %v", len(got), err)
		}
	}
}

// stalling is a source that has some bytes at once, and then no more until it is closed.
type stalling struct {
	first  []byte
	closed chan struct{}
}

func (s *stalling) Read(p []byte) (int, error) {
	if len(s.first) == 0 {
		<-s.closed
		return 0, io.EOF
	}
	n := copy(p, s.first)
	s.first = s.first[n:]
	return n, nil
}

func (s *stalling) Close() error { return nil }

// TestSlowSources has many sources stall that began fast: they must leave blocks to
// others, and give back what they hold.
func TestSlowSources(t *testing.T) {
	a, b := ends(t)
	start(t, a, b)
	closed := make(chan struct{})
	var slow []*inStream
	for range 2 * maxReserved {
		in := pass(a, b, &stalling{make([]byte, slowRead), closed})
		if _, err := io.ReadFull(in, make([]byte, slowRead)); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, in)
	}
	want := pattern(1, 1<<20)
	if got, err := io.ReadAll(pass(a, b, newBytesSource(want))); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes: %v", len(got), err)
	}
	a.lender.mu.Lock()
	if a.lender.reserved > maxReserved {
		t.Errorf("%d blocks wait for sources", a.lender.reserved)
	}
	a.lender.mu.Unlock()
	close(closed)
	for _, in := range slow {
		if n, err := io.Copy(io.Discard, in); n != 0 || err != nil {
			t.Errorf("%d bytes more: %v", n, err)
		}
	}
	a.lender.mu.Lock()
	defer a.lender.mu.Unlock()
	if a.lender.reserved != 0 {
		t.Errorf("%d blocks still wait", a.lender.reserved)
	}
}

// TestDeathHoldsNoBlocks ends a link with bodies on their way: what has arrived can be
// read, and then the streams break.
func TestDeathHoldsNoBlocks(t *testing.T) {
	a, b := ends(t)
	start(t, a, b)
	in := pass(a, b, newBytesSource(pattern(1, 1<<20)))
	if _, err := io.ReadFull(in, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	a.fail(errLinkClosed)
	<-b.ended
	_, err := io.Copy(io.Discard, in)
	var f *Failure
	if !errors.As(err, &f) {
		t.Errorf("the stream ended with %v", err)
	}
}

// TestLies has a child say what is not so of blocks: its link must end.
func TestLies(t *testing.T) {
	block := func(block, n uint64) []byte { return appendUint(appendUint(nil, block), n) }
	const stream = 7
	for name, lie := range map[string]func(child *link){
		"NoSuchBlock":      func(l *link) { l.send(kBlock, stream, block(blocks, 1)) },
		"HugeBlock":        func(l *link) { l.send(kBlock, stream, block(1<<63, 1)) },
		"TooLong":          func(l *link) { l.send(kBlock, stream, block(0, blockLen+1)) },
		"HugeLength":       func(l *link) { l.send(kBlock, stream, block(blocks-1, 1<<63)) },
		"Empty":            func(l *link) { l.send(kBlock, stream, block(0, 0)) },
		"Truncated":        func(l *link) { l.send(kBlock, stream, []byte{1}) },
		"Trailing":         func(l *link) { l.send(kBlock, stream, append(block(0, 1), 0)) },
		"Twice":            func(l *link) { l.send(kBlock, stream, block(3, 1)); l.send(kBlock, stream, block(3, 1)) },
		"BeyondTheCredit":  func(l *link) { l.send(kBlock, stream, block(0, blockLen)); l.send(kBlock, stream, block(1, blockLen)) },
		"ReturnNotLent":    func(l *link) { l.send(kReturn, 0, nil) },
		"ReturnNoSuch":     func(l *link) { l.send(kReturn, blocks, nil) },
		"ReturnHugeNumber": func(l *link) { l.send(kReturn, 1<<32-1, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			server, child := ends(t)
			in := server.incoming(stream)
			in.opened, in.granted = true, blockLen+1
			start(t, server, child)
			lie(child)
			<-server.ended
			if err := server.err; errors.Is(err, io.EOF) || strings.Contains(err.Error(), "closed") {
				t.Errorf("the link ended with %v", err)
			}
		})
	}
}

// TestStopped sends a block to a stream that nobody reads any more: it comes back.
func TestStopped(t *testing.T) {
	a, b := ends(t)
	start(t, a, b)
	if block, _ := a.lender.fill([]byte("x")); block == noBlock {
		t.Fatal("no block is free")
	}
	a.send(kBlock, 99, []byte{0, 1})
	// The answer to what is sent behind it.
	if _, err := io.ReadAll(pass(b, a, newBytesSource([]byte("x")))); err != nil {
		t.Fatal(err)
	}
	if n := a.lender.out(); n != 0 {
		t.Errorf("%d blocks are out", n)
	}
}
