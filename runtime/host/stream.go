package host

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// window is how many bytes of a stream may be on their way. None may until the receiver
// has begun to read: so a body that nobody reads costs nothing, and one that an event
// has not begun to read can be given to another process with the event.
const window = 256 << 10

// chunk is the most that one frame carries of a stream of bytes, unless they are in a
// block.
const chunk = 32 << 10

// slowRead is how much is read at once of a source that may take its time.
const slowRead = 8 << 10

// A piece is bytes that have arrived: in a block, or in memory of their own.
type piece struct {
	bytes []byte
	block int // or noBlock
}

const noBlock = -1

// inStream is the receiving end: an io.ReadCloser. Read is for one goroutine, Close for any.
type inStream struct {
	link *link
	id   uint32

	mu      sync.Mutex
	pieces  []piece
	copying bool          // Read is at the first piece
	err     error         // once the pieces are read
	granted int           // bytes that may still arrive
	read    int           // since the last grant
	opened  bool          // something may arrive
	closed  bool          // by the reader
	change  chan struct{} // capacity 1: pieces, err or closed have changed
}

// incoming registers the receiving end of a stream of the other side's. The payload that
// names the stream must be handled before the next frame is read.
func (l *link) incoming(id uint32) *inStream {
	s := &inStream{link: l, id: id, change: make(chan struct{}, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		s.err = l.err
		return s
	}
	l.in[id] = s
	return s
}

var errStreamClosed = errors.New("the stream is closed")

// await waits for the next piece. It returns with s.mu held if there is one.
func (s *inStream) await() error {
	for {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return errStreamClosed
		}
		if len(s.pieces) > 0 {
			return nil
		}
		if s.err != nil {
			defer s.mu.Unlock()
			return s.err
		}
		open := !s.opened
		if open {
			s.opened, s.granted = true, window
		}
		s.mu.Unlock()
		if open {
			s.link.send(kCredit, s.id, appendUint(nil, window))
		}
		<-s.change
	}
}

// next waits for the next frame's bytes, whole.
func (s *inStream) next() ([]byte, error) {
	if err := s.await(); err != nil {
		return nil, err
	}
	p := s.shift()
	s.mu.Unlock()
	if p.block == noBlock {
		return p.bytes, nil
	}
	b := bytes.Clone(p.bytes)
	s.link.release(p.block)
	return b, nil
}

// shift takes the first piece. s.mu is held.
func (s *inStream) shift() piece {
	p := s.pieces[0]
	s.pieces[0] = piece{}
	s.pieces = s.pieces[1:]
	return p
}

// used lets the other side send n bytes more, in portions.
func (s *inStream) used(n int) {
	s.mu.Lock()
	s.read += n
	grant := 0
	if s.read >= window/2 && s.err == nil && !s.closed {
		grant, s.read = s.read, 0
		s.granted += grant
	}
	s.mu.Unlock()
	if grant > 0 {
		s.link.send(kCredit, s.id, appendUint(nil, uint64(grant)))
	}
}

func (s *inStream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := s.await(); err != nil {
		return 0, err
	}
	n := 0
	for n < len(p) && len(s.pieces) > 0 && !s.closed {
		first := s.pieces[0]
		s.copying = true
		s.mu.Unlock()
		k := copy(p[n:], first.bytes)
		n += k
		s.mu.Lock()
		s.copying = false
		if k < len(first.bytes) && !s.closed {
			s.pieces[0].bytes = first.bytes[k:]
			break
		}
		if !s.closed {
			s.shift()
		}
		s.mu.Unlock()
		s.link.release(first.block)
		s.mu.Lock()
	}
	s.mu.Unlock()
	s.used(n)
	return n, nil
}

// yield returns a block that is not being read just now, and keeps a copy.
func (s *inStream) yield(block int) {
	s.mu.Lock()
	i := slices.IndexFunc(s.pieces, func(p piece) bool { return p.block == block })
	found := i > 0 || i == 0 && !s.copying
	if found {
		s.pieces[i] = piece{bytes.Clone(s.pieces[i].bytes), noBlock}
	}
	s.mu.Unlock()
	if found {
		s.link.release(block)
	}
}

// Close tells the sender that no more is wanted.
func (s *inStream) Close() error {
	s.mu.Lock()
	tell := !s.closed && s.err == nil
	rest := s.pieces
	if s.copying && len(rest) > 0 {
		rest = rest[1:] // Read returns the first
	}
	s.closed, s.pieces = true, nil
	s.mu.Unlock()
	for _, p := range rest {
		s.link.release(p.block)
	}
	s.notify()
	if tell {
		s.link.mu.Lock()
		delete(s.link.in, s.id)
		s.link.mu.Unlock()
		s.link.send(kStop, s.id, nil)
	}
	return nil
}

func (s *inStream) notify() {
	select {
	case s.change <- struct{}{}:
	default:
	}
}

// arrive takes a piece from the link.
func (s *inStream) arrive(p piece) error {
	s.mu.Lock()
	s.granted -= len(p.bytes)
	over := s.granted < 0
	closed := s.closed
	if !closed && len(p.bytes) > 0 {
		s.pieces = append(s.pieces, p)
	}
	s.mu.Unlock()
	if closed {
		s.link.release(p.block)
	}
	if over {
		return fmt.Errorf("stream %d: more bytes than were asked for", s.id)
	}
	s.notify()
	return nil
}

func (s *inStream) finish(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.notify()
}

// outStream is the sending end.
type outStream struct {
	link     *link
	id       uint32
	source   io.ReadCloser // nil for the stream of a socket
	after    func()        // called when the source has been read, if not nil
	unwanted func()        // called when the receiver wants no more, if not nil
	kept     bool          // a source not begun is left to whoever may take it back

	mu      sync.Mutex
	credit  int64
	begun   bool // the source has been read from, or taken back
	stopped bool
	change  chan struct{} // capacity 1
}

// outgoing registers the sending end of a stream. A source is sent by the goroutine that
// pump starts, and closed at its end.
func (l *link) outgoing(source io.ReadCloser) *outStream {
	s := &outStream{link: l, source: source, change: make(chan struct{}, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	for taken := true; taken; _, taken = l.out[l.last] {
		l.last = l.last%(lent-1) + 1
	}
	s.id = l.last
	if l.err != nil {
		s.stopped = true
		return s
	}
	l.out[s.id] = s
	return s
}

// wait returns how many bytes may be sent, at least one, or false when the stream is stopped.
func (s *outStream) wait() (int64, bool) {
	for {
		s.mu.Lock()
		credit, stopped := s.credit, s.stopped
		s.mu.Unlock()
		if stopped {
			return 0, false
		}
		if credit > 0 {
			return credit, true
		}
		<-s.change
	}
}

// begin claims the source for reading; it fails if that was taken back.
func (s *outStream) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun {
		return false
	}
	s.begun = true
	return true
}

// takeBack returns the source if nothing of it has been read, to be used elsewhere.
func (s *outStream) takeBack() (io.ReadCloser, bool) {
	if !s.begin() {
		return nil, false
	}
	s.stop()
	return s.source, true
}

// pump sends the source. It is a goroutine.
func (s *outStream) pump() {
	credit, ok := s.wait()
	if !ok && s.kept || !s.begin() {
		return
	}
	if s.after != nil {
		defer s.after()
	}
	defer s.source.Close()
	var buf []byte
	fast := false // the source had as much as was asked for: it does not take its time
	for ok {
		block, p := noBlock, []byte(nil)
		if fast {
			block, p = s.link.lender.reserve(credit)
		}
		if block == noBlock {
			if fast && len(buf) < chunk {
				buf = make([]byte, chunk)
			} else if buf == nil {
				buf = make([]byte, slowRead)
			}
			p = buf[:min(credit, int64(len(buf)))]
		}
		n, err := s.source.Read(p)
		fast = n == len(p)
		s.give(p[:n], block)
		if err != nil {
			if err == io.EOF {
				s.end(nil)
			} else {
				s.end(err)
			}
			return
		}
		credit, ok = s.wait()
	}
}

// give sends up to chunk bytes, or what is in a reserved block, on the credit there is.
func (s *outStream) give(p []byte, block int) {
	lender := s.link.lender
	reserved := block != noBlock
	worth := lender != nil && len(p) >= leastShared
	if worth && !reserved {
		var recall bool
		if block, recall = lender.fill(p); recall {
			s.link.hold(kRecall, 0, nil)
		}
		worth = block != noBlock
	}
	if !worth && len(p) > 0 {
		s.put(p)
	}
	if reserved {
		lender.settle(block, worth)
	}
	if !worth {
		return
	}
	s.spend(len(p))
	var frame [2 * binary.MaxVarintLen64]byte
	s.link.send(kBlock, s.id, appendUint(appendUint(frame[:0], uint64(block)), uint64(len(p))))
}

// put sends one chunk on the credit there is.
func (s *outStream) put(c []byte) {
	s.spend(len(c))
	s.link.send(kChunk, s.id, c)
}

func (s *outStream) spend(n int) {
	s.mu.Lock()
	s.credit -= int64(n)
	s.mu.Unlock()
}

// end closes the stream; nil is its proper end.
func (s *outStream) end(err error) {
	s.link.mu.Lock()
	delete(s.link.out, s.id)
	s.link.mu.Unlock()
	if err == nil {
		s.link.send(kEnd, s.id, nil)
		return
	}
	s.link.send(kBroken, s.id, appendError(nil, err))
}

func (s *outStream) allow(n uint64) error {
	s.mu.Lock()
	s.credit += int64(min(n, maxFrame))
	over := s.credit > maxFrame
	s.mu.Unlock()
	if over {
		return fmt.Errorf("stream %d: too much credit", s.id)
	}
	s.notify()
	return nil
}

func (s *outStream) stop() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.link.mu.Lock()
	delete(s.link.out, s.id)
	s.link.mu.Unlock()
	s.notify()
	if s.unwanted != nil {
		s.unwanted()
	}
}

func (s *outStream) notify() {
	select {
	case s.change <- struct{}{}:
	default:
	}
}

// How a body is sent.
const (
	bodyNone = iota
	bodyWhole
	bodyStream
)

// inlineBody is the largest body that travels in the frame of its message; a larger one
// is a stream, so that it does not hold up others.
const inlineBody = 128 << 10

// appendBody writes a body. The stream returned, if any, is to be pumped once the frame
// is queued.
func (l *link) appendBody(b []byte, body outside.Body) ([]byte, *outStream) {
	switch {
	case body.None():
		return append(b, bodyNone), nil
	case body.Stream == nil && len(body.Bytes) <= inlineBody:
		return appendBytes(append(b, bodyWhole), body.Bytes), nil
	}
	length, source := body.Length, body.Stream
	if source == nil {
		length, source = int64(len(body.Bytes)), newBytesSource(body.Bytes)
	}
	s := l.outgoing(source)
	b = appendUint(append(b, bodyStream), uint64(s.id))
	return appendInt(b, length), s
}

// body reads what appendBody wrote.
func (l *link) body(d *decoder) outside.Body {
	switch d.byte() {
	case bodyNone:
		return outside.Body{}
	case bodyWhole:
		p := d.bytes()
		if p == nil {
			d.fail()
		}
		return outside.Body{Bytes: p}
	case bodyStream:
		id, length := d.uint(), d.int()
		if id == 0 || id > 1<<32-1 || length < -1 {
			d.fail()
		}
		if d.bad {
			return outside.Body{}
		}
		return outside.Body{Stream: l.incoming(uint32(id)), Length: length}
	}
	d.fail()
	return outside.Body{}
}

// bytesSource is a whole body as a stream.
type bytesSource struct{ rest []byte }

func newBytesSource(p []byte) *bytesSource { return &bytesSource{p} }

func (s *bytesSource) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *bytesSource) Close() error { return nil }
