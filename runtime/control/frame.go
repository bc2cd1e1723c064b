package control

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// Opcodes of WebSocket frames: https://www.rfc-editor.org/rfc/rfc6455#section-5.2
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xa
)

// maxFrame is the longest frame a viewer may send; all it has to say is short.
const maxFrame = 4096

// A frame is one WebSocket frame as received, unmasked.
type frame struct {
	op      byte
	payload []byte
}

// readFrame reads one frame. Unlike RFC 6455, 5.1 it takes unmasked frames too: the
// first one wrangler sends is not masked.
func readFrame(r *bufio.Reader) (frame, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	if head[0]&0x70 != 0 {
		return frame{}, errors.New("control: frame with an extension nobody agreed on")
	}
	n := uint64(head[1] & 0x7f)
	switch n {
	case 126:
		var size [2]byte
		if _, err := io.ReadFull(r, size[:]); err != nil {
			return frame{}, err
		}
		n = uint64(binary.BigEndian.Uint16(size[:]))
	case 127:
		var size [8]byte
		if _, err := io.ReadFull(r, size[:]); err != nil {
			return frame{}, err
		}
		n = binary.BigEndian.Uint64(size[:])
	}
	if n > maxFrame {
		return frame{}, fmt.Errorf("control: frame of %d bytes", n)
	}
	var mask [4]byte
	if head[1]&0x80 != 0 {
		if _, err := io.ReadFull(r, mask[:]); err != nil {
			return frame{}, err
		}
	}
	f := frame{op: head[0] & 0x0f, payload: make([]byte, n)}
	if _, err := io.ReadFull(r, f.payload); err != nil {
		return frame{}, err
	}
	for i := range f.payload {
		f.payload[i] ^= mask[i%4]
	}
	return f, nil
}

// errGone means that the other end does not take what is sent.
var errGone = errors.New("control: viewer has gone")

// A frameWriter writes frames. It is safe for concurrent use.
type frameWriter struct {
	mu     sync.Mutex
	conn   net.Conn
	closed bool
}

// frame sends one unfragmented frame.
func (w *frameWriter) frame(op byte, payload []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errGone
	}
	if err := w.write(op, payload); err != nil {
		w.closed = true
		return errGone
	}
	return nil
}

// close sends a close frame, once, and nothing after it.
func (w *frameWriter) close(code uint16, reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.closed = true
	payload := binary.BigEndian.AppendUint16(nil, code)
	payload = append(payload, strings.ToValidUTF8(reason[:min(len(reason), 120)], "")...)
	_ = w.write(opClose, payload)
}

func (w *frameWriter) write(op byte, payload []byte) error {
	out := make([]byte, 0, 10+len(payload))
	out = append(out, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		out = append(out, byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 127), uint64(n))
	}
	if err := w.conn.SetWriteDeadline(time.Now().Add(tailWrite)); err != nil {
		return err
	}
	_, err := w.conn.Write(append(out, payload...))
	return err
}

// acceptKey checks an upgrade request and returns the answer to its key:
// https://www.rfc-editor.org/rfc/rfc6455#section-4.2
func acceptKey(h *fasthttp.RequestHeader) (string, error) {
	key := string(h.Peek("Sec-WebSocket-Key"))
	nonce, err := base64.StdEncoding.DecodeString(key)
	if !strings.EqualFold(string(h.Peek("Upgrade")), "websocket") || err != nil || len(nonce) != 16 || string(h.Peek("Sec-WebSocket-Version")) != "13" {
		return "", &apiError{426, codeBadBody, "a WebSocket upgrade of version 13 is needed here"}
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:]), nil
}
