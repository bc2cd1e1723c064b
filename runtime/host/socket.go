package host

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A WebSocket is two streams, one each way. Each chunk begins with a byte that says what
// it is; a long message is several chunks.
const (
	partMore   = iota // more of the message follows
	partText          // the end of a text message
	partBinary        // the end of a binary message
	partClose         // the closing handshake: code as two bytes, then the reason
)

// maxMessage bounds a message that is put together, as the front end does.
const maxMessage = 32 << 20

// sendMessage waits for credit and sends m in parts.
func sendMessage(s *outStream, m outside.Message) bool {
	last := byte(partBinary)
	if m.Text {
		last = partText
	}
	for {
		credit, ok := s.wait()
		if !ok {
			return false
		}
		n := int(min(credit-1, chunk, int64(len(m.Data))))
		c := make([]byte, 1, n+1)
		c = append(c, m.Data[:n]...)
		m.Data = m.Data[n:]
		if len(m.Data) == 0 {
			c[0] = last
		}
		s.put(c)
		if len(m.Data) == 0 {
			return true
		}
	}
}

// sendClose ends the stream by a closing handshake.
func sendClose(s *outStream, code int, reason string) {
	if _, ok := s.wait(); ok {
		c := binary.BigEndian.AppendUint16([]byte{partClose}, uint16(code))
		s.put(append(c, reason...))
	}
	s.end(nil)
}

// receiveMessage waits for a message. A closing handshake is a *outside.CloseError.
func receiveMessage(s *inStream) (outside.Message, error) {
	var m outside.Message
	for {
		c, err := s.next()
		if err != nil {
			if err == io.EOF {
				err = &outside.CloseError{Code: 1006}
			}
			return m, err
		}
		s.used(len(c))
		if c[0] == partClose {
			if len(c) < 3 {
				return m, errMalformed
			}
			return m, &outside.CloseError{Code: int(binary.BigEndian.Uint16(c[1:])), Reason: string(c[3:])}
		}
		if len(m.Data)+len(c) > maxMessage {
			return m, &outside.CloseError{Code: 1009, Reason: "message too big"}
		}
		switch {
		case m.Data == nil && c[0] != partMore:
			m.Data = c[1:]
		default:
			m.Data = append(m.Data, c[1:]...)
		}
		switch c[0] {
		case partMore:
		case partText, partBinary:
			m.Text = c[0] == partText
			return m, nil
		default:
			return m, errMalformed
		}
	}
}

// lend sends the messages of a socket of this side to the other side's, and the other
// way round, until both directions have ended. It is a goroutine.
func lend(ctx context.Context, socket outside.Socket, out *outStream, in *inStream, done func()) {
	defer done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() {
		for {
			m, err := socket.Read(ctx)
			if err != nil {
				var closed *outside.CloseError
				if !errors.As(err, &closed) {
					closed = &outside.CloseError{Code: 1006}
				}
				sendClose(out, closed.Code, closed.Reason)
				return
			}
			if !sendMessage(out, m) {
				cancel()
				return
			}
		}
	})
	both.Go(func() {
		for {
			m, err := receiveMessage(in)
			if err == nil {
				err = socket.Write(ctx, m)
			}
			if err == nil {
				continue
			}
			var closed *outside.CloseError
			if !errors.As(err, &closed) {
				closed = &outside.CloseError{Code: 1006}
			}
			code := closed.Code
			if code == 1005 { // no status code
				code = 0
			} else if code == 1006 {
				code = 1001
				cancel() // no handshake can follow
			}
			_ = socket.Close(code, closed.Reason)
			_ = in.Close()
			return
		}
	})
	both.Wait()
}

// borrowed is a socket of the other side's.
type borrowed struct {
	in  *inStream
	out *outStream

	abrupt bool // a close with 1006 waits for nothing

	mu     sync.Mutex // one write at a time, and the close after it
	closed bool
}

// Read implements outside.Socket.
func (b *borrowed) Read(ctx context.Context) (outside.Message, error) {
	stop := context.AfterFunc(ctx, func() { _ = b.in.Close() })
	defer stop()
	m, err := receiveMessage(b.in)
	if err == errStreamClosed {
		err = context.Cause(ctx)
		if err == nil {
			err = &outside.CloseError{Code: 1006}
		}
	}
	return m, err
}

// Write implements outside.Socket.
func (b *borrowed) Write(ctx context.Context, m outside.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return &outside.CloseError{Code: 1006}
	}
	stop := context.AfterFunc(ctx, b.out.stop)
	defer stop()
	if !sendMessage(b.out, m) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		return &outside.CloseError{Code: 1006}
	}
	return nil
}

// Close implements outside.Socket.
func (b *borrowed) Close(code int, reason string) error {
	if b.abrupt && code == 1006 {
		b.out.stop()
		return b.in.Close()
	}
	if code == 0 {
		code = 1005
	}
	go func() { // there may be no credit for a while
		b.mu.Lock()
		defer b.mu.Unlock()
		if !b.closed {
			b.closed = true
			sendClose(b.out, code, reason)
		}
	}()
	return nil
}

// appendSocket writes which streams carry a socket; nil is none. The function returned
// starts the exchange once the frame is queued; done is called at its end.
//
// A socket's streams are both named by the side that lends it: the one it sends on, and
// the id of the other side's, which is the same with the top bit set.
// If abrupt is set, it is given up as soon as the other side wants no more of it.
func (l *link) appendSocket(b []byte, ctx context.Context, socket outside.Socket, abrupt bool) ([]byte, func(done func())) {
	if socket == nil {
		return appendUint(b, 0), nil
	}
	out := l.outgoing(nil)
	in := l.incoming(out.id | lent)
	in.opened, in.granted = true, window // as the other side knows
	if abrupt {
		giveUp, cancel := context.WithCancel(ctx)
		ctx = giveUp
		out.unwanted = func() {
			cancel()
			_ = in.Close()
		}
	}
	return appendUint(b, uint64(out.id)), func(done func()) { go lend(ctx, socket, out, in, done) }
}

// lent marks the id of a stream that its receiver has named.
const lent = 1 << 31

// socket reads what appendSocket wrote.
func (l *link) socket(d *decoder) outside.Socket {
	id := d.uint()
	if id == 0 || d.bad {
		return nil
	}
	if id >= lent {
		d.fail()
		return nil
	}
	b := &borrowed{in: l.incoming(uint32(id)), out: &outStream{link: l, id: uint32(id) | lent, credit: window, change: make(chan struct{}, 1)}}
	l.mu.Lock()
	if l.err == nil {
		l.out[b.out.id] = b.out
	} else {
		b.out.stopped = true
	}
	l.mu.Unlock()
	return b
}
