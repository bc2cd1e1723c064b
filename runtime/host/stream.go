package host

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// window is how many bytes of a stream may be on their way. None may until the receiver
// has begun to read: so a body that nobody reads costs nothing, and one that an event
// has not begun to read can be given to another process with the event.
const window = 256 << 10

// chunk is the most that one frame carries of a stream of bytes.
const chunk = 32 << 10

// inStream is the receiving end: an io.ReadCloser. Read is for one goroutine, Close for any.
type inStream struct {
	link *link
	id   uint32

	mu      sync.Mutex
	chunks  [][]byte
	err     error         // once the chunks are read
	granted int           // bytes that may still arrive
	read    int           // since the last grant
	opened  bool          // something may arrive
	closed  bool          // by the reader
	change  chan struct{} // capacity 1: chunks, err or closed have changed
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

// next waits for the next chunk.
func (s *inStream) next() ([]byte, error) {
	for {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return nil, errStreamClosed
		}
		if len(s.chunks) > 0 {
			c := s.chunks[0]
			s.chunks[0] = nil
			s.chunks = s.chunks[1:]
			s.mu.Unlock()
			return c, nil
		}
		if s.err != nil {
			defer s.mu.Unlock()
			return nil, s.err
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
	c, err := s.next()
	if err != nil {
		return 0, err
	}
	n := copy(p, c)
	if n < len(c) {
		s.mu.Lock()
		s.chunks = append([][]byte{c[n:]}, s.chunks...)
		s.mu.Unlock()
	}
	s.used(n)
	return n, nil
}

// Close tells the sender that no more is wanted.
func (s *inStream) Close() error {
	s.mu.Lock()
	tell := !s.closed && s.err == nil
	s.closed, s.chunks = true, nil
	s.mu.Unlock()
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

// arrive takes a chunk from the link.
func (s *inStream) arrive(c []byte) error {
	s.mu.Lock()
	s.granted -= len(c)
	over := s.granted < 0
	if !s.closed && len(c) > 0 {
		s.chunks = append(s.chunks, c)
	}
	s.mu.Unlock()
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
	buf := make([]byte, chunk)
	for ok {
		n, err := s.source.Read(buf[:min(credit, chunk)])
		if n > 0 {
			s.put(buf[:n])
		}
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

// put sends one chunk on the credit there is.
func (s *outStream) put(c []byte) {
	s.mu.Lock()
	s.credit -= int64(len(c))
	s.mu.Unlock()
	s.link.send(kChunk, s.id, c)
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
