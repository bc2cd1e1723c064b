package ingress

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// ErrResponded is what a second Respond on one Exchange returns.
var ErrResponded = errors.New("ingress: the exchange has a response already")

// A ResponseError says why a response could not be sent as it was; the client got
// a 500 page instead.
type ResponseError struct{ Reason string }

func (e *ResponseError) Error() string { return "ingress: bad response: " + e.Reason }

// singleWrite is the largest body that is copied behind its head to save a write
// of two pieces.
const singleWrite = 8 << 10

// Respond writes res and returns when it has left, which for a streamed body is
// when the stream has ended; each chunk is sent as soon as it is read, and none
// is read before the one before has left. It closes the body in every case.
//
// A *ResponseError means that res cannot be sent and the client got a 500 page.
// Any other error means that the client did not get all of the response: it
// wraps ErrClientGone when the client has left, else it is the stream's error.
func (x *Exchange) Respond(res *outside.Response) error {
	defer res.Body.Close()
	if x.responded {
		return ErrResponded
	}
	if x.stream != nil && x.stream.tooLarge() {
		x.refuse(&refusal{413, bodyLimitText(x.c.srv.cfg.MaxBody)})
		return ErrBodyTooLarge
	}
	if res.Status == http.StatusSwitchingProtocols {
		return x.accept(res)
	}
	if res.Socket != nil {
		return x.reject("a WebSocket needs status 101")
	}
	if res.Status < 200 || res.Status > 999 {
		return x.reject(fmt.Sprintf("status %d is outside 200 to 999", res.Status))
	}
	for i := range res.Header {
		f := &res.Header[i]
		if !isToken(f.Name) {
			return x.reject(fmt.Sprintf("header name %q is not a token", f.Name))
		}
		if !isValue(f.Value) {
			return x.reject(fmt.Sprintf("the value of header %q holds a control character", f.Name))
		}
	}
	if !isValue(res.StatusText) {
		return x.reject("the status text holds a control character")
	}
	return x.write(res, "")
}

// reject answers 500 for a response that cannot be sent.
func (x *Exchange) reject(reason string) error {
	if err := x.RespondPage(PageFor(1101, "")); err != nil {
		return err
	}
	return &ResponseError{reason}
}

// framing is how a response body is delimited.
type framing uint8

const (
	frameNone    framing = iota // no body follows
	frameLength                 // content-length
	frameChunked                // transfer-encoding: chunked
	frameClose                  // the end of the connection
)

// write sends a response whose fields are valid. extra holds further header lines.
func (x *Exchange) write(res *outside.Response, extra string) error {
	x.responded = true
	h := &x.head
	body := res.Body
	coding, encode := x.chooseCoding(res)
	var src io.Reader
	length := body.Len()
	if body.None() {
		length = 0
	}
	if encode {
		if body.Stream == nil && body.Bytes != nil {
			if body.Bytes = x.encodeBytes(coding, body.Bytes); body.Bytes == nil {
				encode, coding, body.Bytes = false, codingIdentity, res.Body.Bytes
			}
			length = int64(len(body.Bytes))
		} else {
			length = -1
		}
	}
	src = body.Stream

	// Null-body statuses: https://fetch.spec.whatwg.org/#null-body-status
	null := res.Status == 204 || res.Status == 205 || res.Status == 304
	frame := frameLength
	switch {
	case null:
		frame = frameNone
	case length >= 0:
	case h.http11:
		frame = frameChunked
	default:
		frame = frameClose
		x.closing = true
	}
	x.decideClosing(src != nil)

	out := appendStatus(x.out[:0], h.http11, res.Status, res.StatusText)
	own := "" // a content-length of the worker's, kept where no body follows
	hasDate, hasServer := false, false
	for i := range res.Header {
		f := &res.Header[i]
		switch len(f.Name) {
		case 2:
			if is(f.Name, "te") {
				continue
			}
		case 4:
			hasDate = hasDate || is(f.Name, "date")
		case 6:
			if is(f.Name, "cf-ray") {
				continue
			}
			hasServer = hasServer || is(f.Name, "server")
		case 7:
			if is(f.Name, "upgrade") || is(f.Name, "trailer") {
				continue
			}
		case 10:
			if is(f.Name, "connection") || is(f.Name, "keep-alive") {
				continue
			}
		case 14:
			if is(f.Name, "content-length") {
				own = f.Value
				continue
			}
		case 16:
			if is(f.Name, "proxy-connection") || is(f.Name, "content-encoding") && coding != codingKeep {
				continue
			}
		case 17:
			if is(f.Name, "transfer-encoding") {
				continue
			}
		}
		out = appendField(out, f.Name, f.Value)
	}
	switch coding {
	case codingKeep, codingIdentity:
	default:
		out = appendField(out, "content-encoding", codingNames[coding])
		if encode && x.negotiated(res) {
			out = appendField(out, "vary", "accept-encoding")
		}
	}
	out = append(out, extra...)
	switch frame {
	case frameLength:
		if h.method == "HEAD" && body.None() && isDigits(own) {
			out = appendField(out, "content-length", own)
			break
		}
		out = append(out, "content-length: "...)
		out = strconv.AppendInt(out, length, 10)
		out = append(out, "\r\n"...)
	case frameChunked:
		out = append(out, "transfer-encoding: chunked\r\n"...)
	case frameNone:
		switch {
		case res.Status == 205:
			out = append(out, "content-length: 0\r\n"...)
		case res.Status == 304 && isDigits(own):
			out = appendField(out, "content-length", own)
		}
	}
	out = x.appendOwn(out, hasDate, hasServer)

	if frame == frameNone || h.method == "HEAD" {
		x.out = out
		return x.sent(x.c.write(out))
	}
	if src == nil {
		x.bytesOut = int64(len(body.Bytes))
		return x.writeWhole(out, body.Bytes)
	}
	x.out = out
	if err := x.sent(x.c.write(out)); err != nil {
		return err
	}
	if encode {
		return x.copyEncoded(src, coding, frame)
	}
	return x.copyStream(src, frame, length)
}

// decideClosing settles whether the connection ends after this response, as far
// as it must be said in the head.
func (x *Exchange) decideClosing(streaming bool) {
	if x.closing || x.c.srv.draining.Load() {
		x.closing = true
		return
	}
	// A streamed response may still be fed from the request's body.
	if x.stream != nil && !streaming && !x.stream.reusable() {
		x.closing = true
	}
}

// appendOwn appends the header lines every response gets, and the empty line.
func (x *Exchange) appendOwn(out []byte, hasDate, hasServer bool) []byte {
	srv := x.c.srv
	if !hasDate {
		out = append(out, *srv.clock.date.Load()...)
	}
	if name := srv.cfg.ServerName; name != "" && !hasServer {
		out = appendField(out, "server", name)
	}
	out = append(out, "cf-ray: "...)
	out = append(out, x.ray[:]...)
	out = append(out, "\r\n"...)
	switch {
	case x.closing:
		out = append(out, "connection: close\r\n"...)
	case !x.head.http11:
		out = append(out, "connection: keep-alive\r\n"...)
	}
	return append(out, "\r\n"...)
}

// writeWhole sends head and body, together if they are small.
func (x *Exchange) writeWhole(head, body []byte) error {
	if len(body) <= singleWrite {
		head = append(head, body...)
		x.out = head
		return x.sent(x.c.write(head))
	}
	x.out = head
	n := min(len(body), writeQuantum)
	x.vec[0], x.vec[1] = head, body[:n]
	x.bufs = x.vec[:]
	err := x.c.writev((*net.Buffers)(&x.bufs))
	x.vec[0], x.vec[1] = nil, nil
	if err == nil {
		err = x.c.write(body[n:])
	}
	return x.sent(err)
}

// streamChunk is the largest piece of a streamed body sent at once.
const streamChunk = 32 << 10

// chunkHead is the room for a chunk's size line: up to four digits and CR LF.
const chunkHead = 6

// copyStream sends a streamed body of length bytes, or -1.
func (x *Exchange) copyStream(src io.Reader, frame framing, length int64) error {
	buf := x.chunkBuffer()
	for {
		p := buf[chunkHead : chunkHead+streamChunk]
		if frame == frameLength && int64(len(p)) > length-x.bytesOut {
			// One byte more tells a body that is too long.
			p = p[:length-x.bytesOut+1]
		}
		n, err := src.Read(p)
		if frame == frameLength && x.bytesOut+int64(n) > length {
			n = int(length - x.bytesOut)
			err = &ResponseError{"the body is longer than its length"}
		}
		if n > 0 {
			x.bytesOut += int64(n)
			if werr := x.c.write(frameChunk(buf, n, frame)); werr != nil {
				return x.sent(werr)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return x.abort(err, frame)
		}
	}
	if frame == frameLength && x.bytesOut < length {
		return x.abort(&ResponseError{"the body is shorter than its length"}, frame)
	}
	return x.finishChunks(frame)
}

// frameChunk is the n bytes behind chunkHead in buf, framed.
func frameChunk(buf []byte, n int, frame framing) []byte {
	if frame != frameChunked {
		return buf[chunkHead : chunkHead+n]
	}
	const digits = "0123456789abcdef"
	i := chunkHead - 2
	buf[i], buf[i+1] = '\r', '\n'
	for v := n; v > 0; v >>= 4 {
		i--
		buf[i] = digits[v&15]
	}
	end := chunkHead + n
	buf[end], buf[end+1] = '\r', '\n'
	return buf[i : end+2]
}

var lastChunk = []byte("0\r\n\r\n")

func (x *Exchange) finishChunks(frame framing) error {
	if frame != frameChunked {
		return nil
	}
	return x.sent(x.c.write(lastChunk))
}

// chunkBuffer is room for one framed chunk; the head in x.out has been sent.
func (x *Exchange) chunkBuffer() []byte {
	const size = chunkHead + streamChunk + 2
	if cap(x.out) < size {
		x.out = make([]byte, size)
	}
	return x.out[:size]
}

// sent notes a failed write.
func (x *Exchange) sent(err error) error {
	if err == nil {
		return nil
	}
	x.failed = true
	x.gone()
	return fmt.Errorf("%w: %w", ErrClientGone, err)
}

// abort ends a response that cannot be completed, so that the client can tell.
func (x *Exchange) abort(err error, frame framing) error {
	x.failed = true
	if tcp, ok := x.c.nc.(*net.TCPConn); ok && frame == frameClose {
		_ = tcp.SetLinger(0) // a reset, since an end would be taken for the body's
	}
	return err
}

func appendStatus(dst []byte, http11 bool, status int, text string) []byte {
	if http11 {
		dst = append(dst, "HTTP/1.1 "...)
	} else {
		dst = append(dst, "HTTP/1.0 "...)
	}
	if status == 200 && text == "" {
		return append(dst, "200 OK\r\n"...)
	}
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	if text == "" {
		text = statusText(status)
	}
	dst = append(dst, text...)
	return append(dst, "\r\n"...)
}

func statusText(status int) string { return http.StatusText(status) }

func appendField(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && len(s) < 19
}

// answerServerWide answers OPTIONS *, which is about no worker.
func (x *Exchange) answerServerWide() {
	_ = x.Respond(&outside.Response{Status: 204, Header: []outside.Field{
		{Name: "allow", Value: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
	}})
}

// RetryAfter is a header field that asks the client to wait for d.
func RetryAfter(d time.Duration) outside.Field {
	return outside.Field{Name: "retry-after", Value: strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)}
}
