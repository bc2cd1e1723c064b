package host

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
)

// A link is one end of the socket between the server and a child. Frames of many events
// share it: senders append to one buffer, which a goroutine writes out whenever the last
// write is done, so that the more there is to send the fewer the system calls.
type link struct {
	conn net.Conn
	// handle takes the frames that are not about streams. It runs on the reading
	// goroutine, must not block, and owns the payload. Its error ends the link.
	handle func(k kind, id uint32, payload []byte) error

	mu      sync.Mutex
	pending []byte // frames to be written
	idle    bool   // the writer waits for wake
	err     error  // why the link has ended
	in      map[uint32]*inStream
	out     map[uint32]*outStream
	last    uint32 // id of the newest outgoing stream
	wake    chan struct{}
	ended   chan struct{} // closed when err is set
}

// newLink starts to write; the caller runs read.
func newLink(conn net.Conn) *link {
	l := &link{conn: conn, in: map[uint32]*inStream{}, out: map[uint32]*outStream{}, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go l.write()
	return l
}

// send queues a frame. It never blocks; on a link that has ended the frame is dropped.
// The payload is copied.
func (l *link) send(k kind, id uint32, payload []byte) { l.send2(k, id, payload, nil) }

// send2 is send of a payload in two parts.
func (l *link) send2(k kind, id uint32, payload, more []byte) {
	l.mu.Lock()
	if l.err != nil {
		l.mu.Unlock()
		return
	}
	l.pending = binary.LittleEndian.AppendUint32(l.pending, uint32(len(payload)+len(more)))
	l.pending = append(l.pending, byte(k))
	l.pending = binary.LittleEndian.AppendUint32(l.pending, id)
	l.pending = append(l.pending, payload...)
	l.pending = append(l.pending, more...)
	wake := l.idle
	l.idle = false
	l.mu.Unlock()
	if wake {
		l.wake <- struct{}{}
	}
}

// write is the writing goroutine.
func (l *link) write() {
	var spare []byte
	for {
		l.mu.Lock()
		if len(l.pending) == 0 {
			if l.err != nil {
				l.mu.Unlock()
				return
			}
			l.idle = true
			l.mu.Unlock()
			select {
			case <-l.wake:
			case <-l.ended:
				return
			}
			// Whoever is about to send goes first, and shares the write.
			runtime.Gosched()
			continue
		}
		batch := l.pending
		l.pending = spare[:0]
		l.mu.Unlock()
		if _, err := l.conn.Write(batch); err != nil {
			l.fail(err)
			return
		}
		if cap(batch) > 1<<20 { // left by a large value
			batch = nil
		}
		spare = batch
	}
}

// read handles frames until the link ends, and returns why.
func (l *link) read() error {
	r := bufio.NewReaderSize(l.conn, 64<<10)
	for {
		k, id, payload, err := readFrame(r)
		if err == nil {
			err = l.dispatch(k, id, payload)
		}
		if err != nil {
			l.fail(err)
			return err
		}
	}
}

func readFrame(r *bufio.Reader) (k kind, id uint32, payload []byte, err error) {
	head, err := r.Peek(headerLen)
	if err != nil {
		return 0, 0, nil, err
	}
	n := binary.LittleEndian.Uint32(head)
	k, id = kind(head[4]), binary.LittleEndian.Uint32(head[5:])
	_, _ = r.Discard(headerLen) // it was peeked
	switch {
	case n == 0:
		return k, id, nil, nil
	case n > maxFrame:
		return 0, 0, nil, fmt.Errorf("a frame of %d bytes: the limit is %d", n, maxFrame)
	case n <= 1<<20:
		payload = make([]byte, n)
		_, err = io.ReadFull(r, payload)
		return k, id, payload, err
	}
	// Memory is taken as the bytes come, not on the word of the other side.
	var b bytes.Buffer
	if _, err = io.CopyN(&b, r, int64(n)); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return k, id, b.Bytes(), err
}

// dispatch hands a frame to the stream it is about, or to handle.
func (l *link) dispatch(k kind, id uint32, payload []byte) error {
	switch k {
	case kChunk, kEnd, kBroken:
		l.mu.Lock()
		s := l.in[id]
		if s != nil && k != kChunk {
			delete(l.in, id)
		}
		l.mu.Unlock()
		if s == nil {
			return nil // stopped meanwhile
		}
		if k == kChunk {
			return s.arrive(payload)
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
	}
	return l.handle(k, id, payload)
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
