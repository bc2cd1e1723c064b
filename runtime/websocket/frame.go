package websocket

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"
)

// Opcodes of https://www.rfc-editor.org/rfc/rfc6455#section-5.2.
const (
	OpContinuation = 0x0
	OpText         = 0x1
	OpBinary       = 0x2
	OpClose        = 0x8
	OpPing         = 0x9
	OpPong         = 0xa
)

// Close codes of https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1.
const (
	CloseNormal      = 1000
	CloseGoingAway   = 1001
	CloseProtocol    = 1002
	CloseNoStatus    = 1005
	CloseAbnormal    = 1006
	CloseInvalidData = 1007
	CloseTooBig      = 1009
	CloseInternal    = 1011
)

// maxControl is the largest payload of a control frame.
const maxControl = 125

// A frameHeader is the fixed part of a frame.
type frameHeader struct {
	final  bool
	masked bool
	op     byte
	mask   [4]byte
	length int64
}

// A ProtocolError is a peer's mistake. It ends the WebSocket with a close code.
type ProtocolError struct {
	Code   int
	Reason string
}

func (e *ProtocolError) Error() string { return "websocket: " + e.Reason }

var (
	errReserved   = &ProtocolError{CloseProtocol, "reserved bits are set"}
	errOpcode     = &ProtocolError{CloseProtocol, "unknown opcode"}
	errControl    = &ProtocolError{CloseProtocol, "fragmented or oversized control frame"}
	errUnmasked   = &ProtocolError{CloseProtocol, "a client's frame is not masked"}
	errMasked     = &ProtocolError{CloseProtocol, "a server's frame is masked"}
	errLength     = &ProtocolError{CloseProtocol, "malformed frame length"}
	errFragment   = &ProtocolError{CloseProtocol, "unexpected fragment"}
	errCloseFrame = &ProtocolError{CloseProtocol, "malformed close frame"}
	errUTF8       = &ProtocolError{CloseInvalidData, "text is not valid UTF-8"}
	errTooBig     = &ProtocolError{CloseTooBig, "message too big"}
)

// readFrameHeader reads the header of a frame of a client's, which is masked, or of a
// server's, which is not.
func readFrameHeader(br *bufio.Reader, masked bool) (h frameHeader, err error) {
	var b [8]byte
	if _, err = io.ReadFull(br, b[:2]); err != nil {
		return h, err
	}
	h.final = b[0]&0x80 != 0
	h.op = b[0] & 0x0f
	h.masked = b[1]&0x80 != 0
	h.length = int64(b[1] & 0x7f)
	switch {
	case b[0]&0x70 != 0:
		return h, errReserved
	case !h.masked && masked:
		return h, errUnmasked
	case h.masked && !masked:
		return h, errMasked
	}
	switch h.op {
	case OpContinuation, OpText, OpBinary:
	case OpClose, OpPing, OpPong:
		if !h.final || h.length > maxControl {
			return h, errControl
		}
	default:
		return h, errOpcode
	}
	switch h.length {
	case 126:
		if _, err = io.ReadFull(br, b[:2]); err != nil {
			return h, eofIsUnexpected(err)
		}
		if h.length = int64(binary.BigEndian.Uint16(b[:])); h.length < 126 {
			return h, errLength
		}
	case 127:
		if _, err = io.ReadFull(br, b[:8]); err != nil {
			return h, eofIsUnexpected(err)
		}
		n := binary.BigEndian.Uint64(b[:])
		if n>>63 != 0 || n <= 0xffff {
			return h, errLength
		}
		h.length = int64(n)
	}
	if !masked {
		return h, nil
	}
	if _, err = io.ReadFull(br, h.mask[:]); err != nil {
		return h, eofIsUnexpected(err)
	}
	return h, nil
}

// appendPayload reads a frame's payload behind dst. It grows dst as bytes arrive,
// so that a length alone costs no memory.
func appendPayload(dst []byte, br *bufio.Reader, h frameHeader) ([]byte, error) {
	const step = 16 << 10
	start := len(dst)
	for left := h.length; left > 0; {
		n := int(min(left, step))
		at := len(dst)
		if cap(dst)-at < n {
			grown := make([]byte, at, max(at+n, min(2*at, at+int(left))))
			copy(grown, dst)
			dst = grown
		}
		dst = dst[:at+n]
		if _, err := io.ReadFull(br, dst[at:]); err != nil {
			return dst, eofIsUnexpected(err)
		}
		left -= int64(n)
	}
	if h.masked {
		mask(dst[start:], h.mask)
	}
	return dst, nil
}

// mask applies or removes the masking key (https://www.rfc-editor.org/rfc/rfc6455#section-5.3).
func mask(p []byte, key [4]byte) {
	k := uint64(binary.LittleEndian.Uint32(key[:]))
	k |= k << 32
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^k)
		p = p[8:]
	}
	for i := range p {
		p[i] ^= key[i&3]
	}
}

// AppendFrame appends the header of a final frame and, if the sender is a client, its
// payload masked by key. A server's payload, key being nil, follows unchanged, and is not
// appended: a long one need not be copied.
func AppendFrame(dst []byte, op byte, payload []byte, key *[4]byte) []byte {
	n, masked := len(payload), byte(0)
	if key != nil {
		masked = 0x80
	}
	dst = append(dst, 0x80|op)
	switch {
	case n < 126:
		dst = append(dst, masked|byte(n))
	case n <= 0xffff:
		dst = binary.BigEndian.AppendUint16(append(dst, masked|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, masked|127), uint64(n))
	}
	if key == nil {
		return dst
	}
	dst = append(dst, key[:]...)
	at := len(dst)
	dst = append(dst, payload...)
	mask(dst[at:], *key)
	return dst
}

// ParseClose reads the payload of a close frame. Its error is a *ProtocolError; code is CloseNoStatus if it has none.
func ParseClose(p []byte) (code int, reason string, err error) {
	if len(p) == 0 {
		return CloseNoStatus, "", nil
	}
	if len(p) == 1 {
		return 0, "", errCloseFrame
	}
	code = int(binary.BigEndian.Uint16(p))
	if !validCloseCode(code) {
		return 0, "", errCloseFrame
	}
	if !utf8.Valid(p[2:]) {
		return 0, "", errUTF8
	}
	return code, string(p[2:]), nil
}

// validCloseCode reports whether a close frame may hold the code.
func validCloseCode(code int) bool {
	return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999
}

// AppendClosePayload appends what a close frame holds; a code that may not be sent is none.
func AppendClosePayload(dst []byte, code int, reason string) []byte {
	if !validCloseCode(code) {
		return dst
	}
	for len(reason) > maxControl-2 {
		_, n := utf8.DecodeLastRuneInString(reason)
		reason = reason[:len(reason)-n]
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(code)), reason...)
}

// A Message is what Next found: a data message, put together, or a control frame.
type Message struct {
	Op   byte
	Data []byte
}

// A Reader reads the messages of one side. One goroutine uses it.
type Reader struct {
	br      *bufio.Reader
	masked  bool
	max     int64
	op      byte // of the message under way, or 0
	partial []byte
}

// NewReader reads from br messages of at most max bytes. A client's are masked.
func NewReader(br *bufio.Reader, fromClient bool, max int64) Reader {
	return Reader{br: br, masked: fromClient, max: max}
}

// Next reads until a data message is complete or a control frame has come.
// io.EOF means that the connection ended between frames.
func (r *Reader) Next() (Message, error) {
	for {
		h, err := readFrameHeader(r.br, r.masked)
		if err != nil {
			return Message{}, err
		}
		if h.op >= OpClose {
			p, err := appendPayload(nil, r.br, h)
			return Message{h.op, p}, err
		}
		if (h.op == OpContinuation) != (r.op != 0) {
			return Message{}, errFragment
		}
		if h.length > r.max-int64(len(r.partial)) {
			return Message{}, errTooBig
		}
		if h.op != OpContinuation {
			r.op = h.op
		}
		if r.partial, err = appendPayload(r.partial, r.br, h); err != nil {
			return Message{}, err
		}
		if !h.final {
			continue
		}
		m := Message{r.op, r.partial}
		r.op, r.partial = 0, nil
		if m.Data == nil {
			m.Data = []byte{}
		}
		if m.Op == OpText && !utf8.Valid(m.Data) {
			return Message{}, errUTF8
		}
		return m, nil
	}
}

// AsProtocolError is the *ProtocolError in err, or nil.
func AsProtocolError(err error) *ProtocolError {
	var p *ProtocolError
	if errors.As(err, &p) {
		return p
	}
	return nil
}

func eofIsUnexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
