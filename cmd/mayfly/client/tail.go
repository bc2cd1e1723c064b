package client

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Tail calls each with every item of a script's live log, JSON text, until ctx is done,
// each fails or the server ends the session. filters is a JSON array, or nil.
func (c *Client) Tail(ctx context.Context, name string, filters json.RawMessage, each func(item []byte) error) error {
	in := map[string]any{}
	if filters != nil {
		in["filters"] = filters
	}
	var session struct{ ID, URL string }
	if _, err := c.ask(ctx, request{method: "POST", path: c.script(name, "tails"), json: in}, &session); err != nil {
		return err
	}
	defer func() { // the server would notice by itself, later
		_, _ = c.ask(context.WithoutCancel(ctx), request{method: "DELETE", path: c.script(name, "tails", session.ID)}, nil)
	}()
	conn, err := dialTail(ctx, c.http, session.URL)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	t := &tailConn{w: conn}
	go t.keepAlive(ctx)
	r := bufio.NewReader(conn)
	for {
		op, payload, err := readFrame(r)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("tail: %w", err)
		}
		switch op {
		case opText, opBinary:
			if err := each(payload); err != nil {
				return err
			}
		case opPing:
			if err := t.send(opPong, payload); err != nil {
				return fmt.Errorf("tail: %w", err)
			}
		case opClose:
			_ = t.send(opClose, payload)
			if len(payload) > 2 {
				return fmt.Errorf("tail: the server ends the session: %s", payload[2:])
			}
			return nil
		}
	}
}

// Opcodes of WebSocket frames: https://www.rfc-editor.org/rfc/rfc6455#section-5.2
const (
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
	opPing   = 0x9
	opPong   = 0xa
)

const (
	pingEvery    = 15 * time.Second
	maxTailFrame = 16 << 20
)

// dialTail opens the WebSocket at a ws: or wss: URL.
func dialTail(ctx context.Context, via *http.Client, address string) (io.ReadWriteCloser, error) {
	address = "http" + strings.TrimPrefix(address, "ws")
	req, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		return nil, err
	}
	var nonce [16]byte
	rand.Read(nonce[:])
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": base64.StdEncoding.EncodeToString(nonce[:]), "Sec-WebSocket-Protocol": "trace-v1",
	} {
		req.Header.Set(name, value)
	}
	patient := *via
	patient.Timeout = 0
	res, err := patient.Do(req)
	if err != nil {
		return nil, unreachable(ctx, address, err)
	}
	conn, ok := res.Body.(io.ReadWriteCloser)
	if res.StatusCode != http.StatusSwitchingProtocols || !ok {
		defer res.Body.Close()
		return nil, refusal(res)
	}
	return conn, nil
}

// readFrame reads one frame from a server.
func readFrame(r *bufio.Reader) (op byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := uint64(head[1] & 0x7f)
	switch n {
	case 126:
		var size [2]byte
		_, err = io.ReadFull(r, size[:])
		n = uint64(binary.BigEndian.Uint16(size[:]))
	case 127:
		var size [8]byte
		_, err = io.ReadFull(r, size[:])
		n = binary.BigEndian.Uint64(size[:])
	}
	if err != nil {
		return 0, nil, err
	}
	if head[1]&0x80 != 0 || head[0]&0x70 != 0 || n > maxTailFrame {
		return 0, nil, fmt.Errorf("a frame that no server sends: % x", head)
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(r, payload)
	return head[0] & 0x0f, payload, err
}

// A tailConn sends frames. It is safe for concurrent use.
type tailConn struct {
	mu sync.Mutex
	w  io.Writer
}

// send sends a short frame, masked as a client must.
func (t *tailConn) send(op byte, payload []byte) error {
	payload = payload[:min(len(payload), 125)]
	var mask [4]byte
	rand.Read(mask[:])
	frame := append([]byte{0x80 | op, 0x80 | byte(len(payload))}, mask[:]...)
	for i, b := range payload {
		frame = append(frame, b^mask[i%4])
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err := t.w.Write(frame)
	return err
}

// keepAlive tells the server that somebody is still looking.
func (t *tailConn) keepAlive(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if t.send(opPing, nil) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}
