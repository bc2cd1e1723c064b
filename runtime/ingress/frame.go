package ingress

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf8"
)

// Opcodes of https://www.rfc-editor.org/rfc/rfc6455#section-5.2.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa
)

// Close codes of https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1.
const (
	closeGoingAway   = 1001
	closeProtocol    = 1002
	closeNoStatus    = 1005
	closeAbnormal    = 1006
	closeInvalidData = 1007
	closeTooBig      = 1009
	closeInternal    = 1011
)

// maxControl is the largest payload of a control frame.
const maxControl = 125

// A frameHeader is the fixed part of a WebSocket frame from a client.
type frameHeader struct {
	final  bool
	op     byte
	mask   [4]byte
	length int64
}

// A protocolError ends a WebSocket with a close code.
type protocolError struct {
	code   int
	reason string
}

func (e *protocolError) Error() string { return "ingress: WebSocket: " + e.reason }

var (
	errReserved   = &protocolError{closeProtocol, "reserved bits are set"}
	errOpcode     = &protocolError{closeProtocol, "unknown opcode"}
	errControl    = &protocolError{closeProtocol, "fragmented or oversized control frame"}
	errUnmasked   = &protocolError{closeProtocol, "a client's frame is not masked"}
	errLength     = &protocolError{closeProtocol, "malformed frame length"}
	errFragment   = &protocolError{closeProtocol, "unexpected fragment"}
	errCloseFrame = &protocolError{closeProtocol, "malformed close frame"}
	errUTF8       = &protocolError{closeInvalidData, "text is not valid UTF-8"}
	errTooBig     = &protocolError{closeTooBig, "message too big"}
)

// readFrameHeader reads the header of a client's frame.
func readFrameHeader(br *bufio.Reader) (h frameHeader, err error) {
	var b [8]byte
	if _, err = io.ReadFull(br, b[:2]); err != nil {
		return h, err
	}
	h.final = b[0]&0x80 != 0
	h.op = b[0] & 0x0f
	h.length = int64(b[1] & 0x7f)
	switch {
	case b[0]&0x70 != 0:
		return h, errReserved
	case b[1]&0x80 == 0:
		return h, errUnmasked
	}
	switch h.op {
	case opContinuation, opText, opBinary:
	case opClose, opPing, opPong:
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
	unmask(dst[start:], h.mask)
	return dst, nil
}

// unmask applies the masking key (https://www.rfc-editor.org/rfc/rfc6455#section-5.3).
func unmask(p []byte, key [4]byte) {
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

// appendFrameHeader appends the header of a server's final frame of n bytes.
func appendFrameHeader(dst []byte, op byte, n int) []byte {
	dst = append(dst, 0x80|op)
	switch {
	case n < 126:
		return append(dst, byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(dst, 126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, 127), uint64(n))
}

// parseClose reads the payload of a close frame; code is closeNoStatus if it has none.
func parseClose(p []byte) (code int, reason string, err error) {
	if len(p) == 0 {
		return closeNoStatus, "", nil
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

// appendClose appends a close frame; a code that may not be sent sends none.
func appendClose(dst []byte, code int, reason string) []byte {
	if !validCloseCode(code) {
		return appendFrameHeader(dst, opClose, 0)
	}
	for len(reason) > maxControl-2 {
		_, n := utf8.DecodeLastRuneInString(reason)
		reason = reason[:len(reason)-n]
	}
	dst = appendFrameHeader(dst, opClose, 2+len(reason))
	dst = binary.BigEndian.AppendUint16(dst, uint16(code))
	return append(dst, reason...)
}

// A wireMessage is what readMessage found: a data message, or a control frame.
type wireMessage struct {
	op   byte
	data []byte
}

// A messageReader puts fragments together.
type messageReader struct {
	br      *bufio.Reader
	max     int64
	op      byte // of the message under way, or 0
	partial []byte
}

// next reads until a data message is complete or a control frame has come.
// io.EOF means that the connection ended between frames.
func (r *messageReader) next() (wireMessage, error) {
	for {
		h, err := readFrameHeader(r.br)
		if err != nil {
			return wireMessage{}, err
		}
		if h.op >= opClose {
			p, err := appendPayload(nil, r.br, h)
			return wireMessage{h.op, p}, err
		}
		if (h.op == opContinuation) != (r.op != 0) {
			return wireMessage{}, errFragment
		}
		if h.length > r.max-int64(len(r.partial)) {
			return wireMessage{}, errTooBig
		}
		if h.op != opContinuation {
			r.op = h.op
		}
		if r.partial, err = appendPayload(r.partial, r.br, h); err != nil {
			return wireMessage{}, err
		}
		if !h.final {
			continue
		}
		m := wireMessage{r.op, r.partial}
		r.op, r.partial = 0, nil
		if m.data == nil {
			m.data = []byte{}
		}
		if m.op == opText && !utf8.Valid(m.data) {
			return wireMessage{}, errUTF8
		}
		return m, nil
	}
}

// asProtocolError is the *protocolError in err, or nil.
func asProtocolError(err error) *protocolError {
	var p *protocolError
	if errors.As(err, &p) {
		return p
	}
	return nil
}
