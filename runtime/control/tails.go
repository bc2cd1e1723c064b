package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// tailPath is where the WebSocket of a tail session is. wrangler sends no token there:
// the id in it has 256 random bits.
const tailPath = "/tail/"

const (
	tailLifetime = 6 * time.Hour    // of a session
	tailSilence  = 45 * time.Second // without a ping, after which a viewer is gone
	tailWrite    = 10 * time.Second // for one message to be taken
	maxSessions  = 1000             // that are open and perhaps not watched
)

// A tailSession is what a POST of tails opened.
type tailSession struct {
	query   TailQuery
	expires time.Time
	end     context.CancelFunc // of the viewer, nil while nobody watches
}

// tailSessions are the open sessions by id.
type tailSessions struct {
	mu   sync.Mutex
	now  func() time.Time
	open map[string]*tailSession
}

func (t *tailSessions) init(now func() time.Time) {
	t.now, t.open = now, map[string]*tailSession{}
}

func (t *tailSessions) add(s *tailSession) (id string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, old := range t.open {
		if !old.expires.After(t.now()) {
			t.drop(id)
		}
	}
	if len(t.open) >= maxSessions {
		return "", &apiError{429, 10059, "too many tail sessions are open: close some first"}
	}
	id = script.NewID() + script.NewID()
	t.open[id] = s
	return id, nil
}

// take gives the session to a viewer. It can be watched once.
func (t *tailSessions) take(id string, end context.CancelFunc) *tailSession {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.open[id]
	if s == nil || s.end != nil || !s.expires.After(t.now()) {
		return nil
	}
	s.end = end
	return s
}

// remove ends a session if owned agrees that it may.
func (t *tailSessions) remove(id string, owned func(*tailSession) bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.open[id]
	if s == nil || !owned(s) {
		return false
	}
	t.drop(id)
	return true
}

func (t *tailSessions) drop(id string) {
	if s := t.open[id]; s.end != nil {
		s.end()
	}
	delete(t.open, id)
}

// openTail opens a session and answers where to watch it.
func openTail(k *call) (any, error) {
	s, err := k.script()
	if err != nil {
		return nil, err
	}
	if k.Tails == nil {
		return nil, unsupported("Tail is")
	}
	var in struct {
		Filters json.RawMessage `json:"filters"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	if len(in.Filters) > 0 && in.Filters[0] != '[' && string(in.Filters) != "null" {
		return nil, badRequest("\"filters\" must be an array")
	}
	if err := k.Tails.Check(in.Filters); err != nil {
		return nil, badRequest("filters: %v", err)
	}
	expires := k.Now().Add(tailLifetime)
	id, err := k.Control.tails.add(&tailSession{expires: expires,
		query: TailQuery{Account: k.account, Script: s.Name, Filters: in.Filters, Client: k.http.RemoteIP().String()}})
	if err != nil {
		return nil, err
	}
	base := "ws://" + string(k.http.Host())
	if k.http.IsTLS() {
		base = "wss://" + string(k.http.Host())
	}
	if k.PublicURL != "" {
		base = "ws" + strings.TrimPrefix(strings.TrimSuffix(k.PublicURL, "/"), "http")
	}
	return map[string]any{"id": id, "url": base + tailPath + id, "expires_at": stamp(expires)}, nil
}

// closeTail ends a session of the account's script.
func closeTail(k *call) (any, error) {
	k.Control.tails.remove(k.params["tail"], func(s *tailSession) bool {
		return s.query.Account == k.account && s.query.Script == k.params["script"]
	})
	return nil, nil
}

// watchTail turns the connection into the session's WebSocket.
func watchTail(k *call) (any, error) {
	accept, err := acceptKey(&k.http.Request.Header)
	if err != nil {
		return nil, err
	}
	id := k.params["tail"]
	ctx, end := context.WithCancel(k.ctx)
	s := k.Control.tails.take(id, end)
	if s == nil {
		end()
		return nil, &apiError{404, codeNoRoute, "the tail session is unknown, over, or watched already"}
	}
	c, query := k.Control, s.query
	ctx, stop := context.WithDeadline(ctx, s.expires)
	h := &k.http.Response.Header
	k.http.SetStatusCode(101)
	h.Set("Upgrade", "websocket")
	h.Set("Connection", "Upgrade")
	h.Set("Sec-WebSocket-Accept", accept)
	if offered := string(k.http.Request.Header.Peek("Sec-WebSocket-Protocol")); strings.Contains(offered, tailProtocol) {
		h.Set("Sec-WebSocket-Protocol", tailProtocol)
	}
	k.http.Hijack(func(conn net.Conn) {
		defer end()
		defer stop()
		defer c.tails.remove(id, func(*tailSession) bool { return true })
		c.watch(ctx, stop, conn, query)
	})
	return done{}, nil
}

const tailProtocol = "trace-v1"

// watch serves one viewer until it goes away, the session ends or the server does. Two
// goroutines use the socket: this one writes items, the other reads frames and answers
// pings.
func (c *Control) watch(ctx context.Context, stop context.CancelFunc, conn net.Conn, q TailQuery) {
	w := &frameWriter{conn: conn}
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer stop()
		readViewer(conn, w)
	}()
	err := c.Tails.Watch(ctx, q, func(item []byte) error { return w.frame(opText, item) })
	switch {
	case ctx.Err() != nil || err == nil:
		w.close(1000, "")
	case errors.Is(err, errGone):
	default:
		w.close(1013, err.Error())
	}
	// The reader ends with the client's answer, or a moment later.
	_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	<-over
}

// readViewer answers pings until the viewer closes or falls silent.
func readViewer(conn net.Conn, w *frameWriter) {
	r := bufio.NewReader(conn)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(tailSilence))
		f, err := readFrame(r)
		if err != nil {
			return
		}
		switch f.op {
		case opPing:
			if w.frame(opPong, f.payload) != nil {
				return
			}
		case opClose:
			w.close(1000, "")
			return
		}
	}
}
