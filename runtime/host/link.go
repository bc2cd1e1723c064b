package host

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"syscall"

	"github.com/mayfly-edge/mayfly/runtime/rawio"
)

// A link is one end of the socket between the server and a child. Frames of many events
// share it: senders append to one buffer, which one of them, or a goroutine, writes out
// whenever the last write is done, so that the more there is to send the fewer the
// system calls.
type link struct {
	conn net.Conn
	raw  syscall.RawConn // of conn; nil if it is no socket
	// handle takes the frames that are not about streams. It runs on the reading
	// goroutine, must not block, and owns the payload. Its error ends the link.
	handle func(k kind, id uint32, payload []byte) error
	reader reader
	writer writer
	// The slabs, set before the other end is told of them; nil if there are none.
	lender   *lender
	borrower *borrower

	mu      sync.Mutex
	pending []byte // frames to be written
	writing bool   // somebody has undertaken to write out all that is pending
	err     error  // why the link has ended
	in      map[uint32]*inStream
	out     map[uint32]*outStream
	last    uint32 // id of the newest outgoing stream
	wake    chan struct{}
	ended   chan struct{} // closed when err is set
}

// reader is the state of reading, which belongs to the goroutine that reads.
type reader struct {
	frames  frames
	attempt func(fd uintptr) bool
	err     error
}

// writer is the state of writing, which belongs to who has set link.writing.
type writer struct {
	batch   []byte
	done    int  // how much of it is written
	wait    bool // until all of it is
	attempt func(fd uintptr) bool
	err     error
}

// newLink starts to write; the caller runs read.
func newLink(conn net.Conn) *link {
	l := &link{conn: conn, in: map[uint32]*inStream{}, out: map[uint32]*outStream{}, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	if s, ok := conn.(syscall.Conn); ok {
		if raw, err := s.SyscallConn(); err == nil {
			l.raw = raw
		}
	}
	l.reader.attempt, l.writer.attempt = l.tryRead, l.tryWrite
	go l.write()
	return l
}

// send queues a frame and has it written. It never blocks; on a link that has ended the
// frame is dropped. The payload is copied.
func (l *link) send(k kind, id uint32, payload []byte) {
	if l.queue(k, id, payload, nil) {
		l.wake <- struct{}{}
	}
}

// sendAndWait is send by a goroutine that is about to wait for what comes of it, and so
// has the time to write the frame itself.
func (l *link) sendAndWait(k kind, id uint32, payload []byte) {
	if l.queue(k, id, payload, nil) {
		l.writeOut()
	}
}

// queue is send of a payload in two parts, without the writing: if it returns true the
// caller must call writeOut.
func (l *link) queue(k kind, id uint32, payload, more []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return false
	}
	l.append(k, id, payload, more)
	if l.writing {
		return false
	}
	l.writing = true
	return true
}

// hold queues a frame that need not be written before the next flush.
func (l *link) hold(k kind, id uint32, payload []byte) {
	l.mu.Lock()
	if l.err == nil {
		l.append(k, id, payload, nil)
	}
	l.mu.Unlock()
}

// append is called with l.mu held.
func (l *link) append(k kind, id uint32, payload, more []byte) {
	b := binary.LittleEndian.AppendUint32(l.pending, uint32(len(payload)+len(more)))
	b = append(b, byte(k))
	b = binary.LittleEndian.AppendUint32(b, id)
	b = append(b, payload...)
	l.pending = append(b, more...)
}

// flush writes what was held.
func (l *link) flush() {
	l.mu.Lock()
	idle := len(l.pending) > 0 && !l.writing
	if idle {
		l.writing = true
	}
	l.mu.Unlock()
	if idle {
		l.writeNow()
	}
}

// writeOut writes what is pending, once those who are about to send something have done
// so.
func (l *link) writeOut() {
	runtime.Gosched()
	l.writeNow()
}

// writeNow writes what is pending, or leaves it to the writing goroutine if that is more
// than the socket takes or if there is no end of it.
func (l *link) writeNow() {
	for range 2 {
		if !l.take() {
			return
		}
		if l.raw == nil || !l.writeBatch(false) {
			break
		}
	}
	l.wake <- struct{}{}
}

// take makes what is pending the writer's batch. If there is nothing it ends the writing
// and returns false.
func (l *link) take() bool {
	w := &l.writer
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) == 0 {
		l.writing = false
		return false
	}
	next := w.batch[:0]
	if cap(next) > 1<<20 { // left by a large value
		next = nil
	}
	w.batch, w.done = l.pending, 0
	l.pending = next
	return true
}

// writeBatch writes the writer's batch to a socket. It returns false if the socket does
// not take all of it now and wait is not set.
func (l *link) writeBatch(wait bool) bool {
	w := &l.writer
	w.wait = wait
	if err := l.raw.Write(w.attempt); err != nil {
		w.err = err
	}
	if w.err != nil {
		l.fail(w.err) // there is nothing to write any more
		return true
	}
	return w.done == len(w.batch)
}

// tryWrite writes what the socket takes. It returns false to wait until it takes more.
func (l *link) tryWrite(fd uintptr) bool {
	w := &l.writer
	for w.done < len(w.batch) {
		n, err := rawio.Write(fd, w.batch[w.done:])
		switch err {
		case nil:
			w.done += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return !w.wait
		default:
			w.err = err
			return true
		}
	}
	return true
}

// write is the writing goroutine, which is there for what nobody else has the time to
// write.
func (l *link) write() {
	w := &l.writer
	for {
		select {
		case <-l.wake:
		case <-l.ended:
			return
		}
		// Whoever is about to send goes first, and shares the write.
		runtime.Gosched()
		for w.done < len(w.batch) || l.take() {
			if l.raw != nil {
				l.writeBatch(true)
			} else if _, err := l.conn.Write(w.batch); err != nil {
				l.fail(err)
			}
			w.done = len(w.batch)
		}
	}
}

// read handles frames until the link ends, and returns why.
func (l *link) read() error {
	for {
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
			return err
		}
	}
}

// fill waits until there is something to read, and reads it.
func (l *link) fill() error {
	r := &l.reader
	if l.raw == nil {
		n, err := l.conn.Read(r.frames.room())
		r.frames.end += n
		return err
	}
	if err := l.raw.Read(r.attempt); err != nil {
		return err
	}
	return r.err
}

// tryRead reads what there is. It returns false to wait until there is more.
func (l *link) tryRead(fd uintptr) bool {
	r := &l.reader
	for {
		n, err := rawio.Read(fd, r.frames.room())
		switch {
		case err == nil && n > 0:
			r.frames.end += n
			return true
		case err == nil:
			err = io.EOF
		case err == syscall.EAGAIN:
			return false
		case err == syscall.EINTR:
			continue
		}
		r.err = err
		return true
	}
}

// dispatch hands a frame to the stream it is about, or to handle.
func (l *link) dispatch(k kind, id uint32, payload []byte) error {
	switch k {
	case kChunk, kBlock, kEnd, kBroken:
		l.mu.Lock()
		s := l.in[id]
		if s != nil && (k == kEnd || k == kBroken) {
			delete(l.in, id)
		}
		l.mu.Unlock()
		if k == kBlock {
			return l.arrived(s, payload)
		}
		if s == nil {
			return nil // stopped meanwhile
		}
		if k == kChunk {
			return s.arrive(piece{payload, noBlock})
		}
		if k == kEnd {
			s.finish(io.EOF)
			return nil
		}
		d := decoder{b: payload}
		err := decodeError(&d)
		s.finish(err)
		return d.done()
	case kCredit, kStop:
		l.mu.Lock()
		s := l.out[id]
		l.mu.Unlock()
		if s == nil {
			return nil // ended meanwhile
		}
		if k == kStop {
			s.stop()
			return nil
		}
		d := decoder{b: payload}
		n := d.uint()
		if err := d.done(); err != nil {
			return err
		}
		return s.allow(n)
	case kReturn:
		return l.lender.returned(id)
	case kRecall:
		if l.borrower == nil {
			return errMalformed
		}
		l.borrower.recall()
		l.flush()
		return nil
	}
	return l.handle(k, id, payload)
}

// arrived takes a block for a stream, which is nil if it was stopped meanwhile.
func (l *link) arrived(s *inStream, payload []byte) error {
	d := decoder{b: payload}
	block, n := d.uint(), d.uint()
	if err := d.done(); err != nil {
		return err
	}
	p, err := l.borrower.borrow(block, n, s)
	if err != nil {
		return err
	}
	if s == nil {
		l.release(int(block))
		return nil
	}
	return s.arrive(piece{p, int(block)})
}

// release returns a block, if it is one. The other end learns of it with the next
// frame: at the latest with the credit without which it sends nothing.
func (l *link) release(block int) {
	if block == noBlock {
		return
	}
	l.borrower.release(block)
	l.hold(kReturn, uint32(block), nil)
}

// errLinkClosed is why a link ended that this side has closed.
var errLinkClosed = errors.New("the link is closed")

// fail ends the link: streams break, the socket is closed.
func (l *link) fail(err error) {
	l.mu.Lock()
	if l.err != nil {
		l.mu.Unlock()
		return
	}
	l.err = err
	close(l.ended)
	in, out := l.in, l.out
	l.in, l.out, l.pending = nil, nil, nil
	l.mu.Unlock()
	_ = l.conn.Close()
	broken := &Failure{Outcome: "internalError", Message: "The other end of the stream is gone: its process has died."}
	for _, s := range in {
		s.finish(broken)
	}
	for _, s := range out {
		s.stop()
	}
}
