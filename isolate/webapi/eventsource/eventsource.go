package eventsource

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/mimesniff"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webapi/url"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Values of readyState.
const (
	connecting = iota
	open
	closed
)

// startRetry is the reconnection time until the server sets one.
const startRetry = 3 * time.Second

// Class is the EventSource interface with Workers' from:
// https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
var Class = &webidl.Class[*eventSource]{
	Name:        "EventSource",
	Extends:     dom.EventTargetClass,
	Constructor: webidl.New2(newEventSource, webidl.USVString, initDict),
	Members: []webidl.Member[*eventSource]{
		webidl.ReadOnly("url", func(s *eventSource, _ *webidl.Realm) (string, error) { return s.url, nil }),
		webidl.ReadOnly("withCredentials", func(s *eventSource, _ *webidl.Realm) (bool, error) { return s.credentials, nil }),
		webidl.Const[*eventSource]("CONNECTING", connecting),
		webidl.Const[*eventSource]("OPEN", open),
		webidl.Const[*eventSource]("CLOSED", closed),
		webidl.ReadOnly("readyState", func(s *eventSource, _ *webidl.Realm) (int, error) { return s.state, nil }),
		dom.EventHandler[*eventSource]("open"),
		dom.EventHandler[*eventSource]("message"),
		dom.EventHandler[*eventSource]("error"),
		webidl.Proc0("close", (*eventSource).close),

		// Workers.
		webidl.Static1[*eventSource]("from", from, readable),
	},
}

// Globals is what the package puts in the global scope.
var Globals = []webidl.Global{webidl.Expose(Class)}

type initialiser struct{ credentials bool }

var initDict = webidl.Dict("EventSourceInit", initialiser{},
	webidl.Has("withCredentials", webidl.Boolean, func(d *initialiser) *bool { return &d.credentials }))

var readable = webidl.NewType("ReadableStream", func(_ *webidl.Realm, v goja.Value) (*streams.ReadableStream, error) {
	s, ok := webidl.As[*streams.ReadableStream](v)
	if !ok {
		return nil, webidl.TypeError("The argument is not a ReadableStream.")
	}
	return s, nil
})

type eventSource struct {
	dom.EventTarget
	url         string
	credentials bool
	state       int
	invocation  *isolate.Invocation
	stop        context.CancelFunc // of what is being read
	timer       *eventloop.Timer   // until the next attempt
	retry       time.Duration
	lastID      string
}

// Wrap implements dom.Target.
func (s *eventSource) Wrap(js *webidl.Realm) *goja.Object { return Class.Wrap(js, s) }

// newEventSource: https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource
func newEventSource(js *webidl.Realm, target string, init initialiser) (*eventSource, error) {
	u, err := url.Parse(target, nil) // a worker has no base URL
	if err != nil {
		return nil, webidl.DOMError("SyntaxError", "%q is not an absolute URL.", target)
	}
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	s := &eventSource{url: u.Href(), credentials: init.credentials, invocation: inv, retry: startRetry}
	return s, s.connect(js)
}

// from reads a stream of bytes, once.
func from(js *webidl.Realm, stream *streams.ReadableStream) (*goja.Object, error) {
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	if stream.Locked() || stream.Disturbed() {
		return nil, webidl.TypeError("The stream is locked or has been read from.")
	}
	body, err := streams.Body(js, stream)
	if err != nil {
		return nil, err
	}
	s := &eventSource{invocation: inv}
	ctx, stop := context.WithCancel(inv.Context())
	s.stop = stop
	err = js.Go(func(context.Context) func() {
		defer stop()
		_ = s.read(ctx, js, body, "", newParser(""))
		return func() { s.fail(js) }
	}, func(error) { s.fail(js) })
	return webidl.ObjectOf(js, s), err
}

// connect: https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
func (s *eventSource) connect(js *webidl.Realm) error {
	inv := s.invocation
	if err := inv.Subrequest(); err != nil {
		return err
	}
	req := &outside.Request{Method: "GET", URL: s.url, Header: []outside.Field{
		{Name: "accept", Value: "text/event-stream"}, {Name: "cache-control", Value: "no-cache"},
	}}
	if s.lastID != "" {
		req.Header = append(req.Header, outside.Field{Name: "last-event-id", Value: s.lastID})
	}
	out, call := inv.Outside(), inv.Call()
	ctx, stop := context.WithCancel(inv.Context())
	s.stop = stop
	p := newParser(s.lastID)
	return js.Go(func(context.Context) func() {
		defer stop()
		res, err := out.Fetch(ctx, call, req)
		if err != nil {
			return func() { s.lost(js, p) }
		}
		if !isEventStream(res) {
			res.Body.Close()
			return func() { s.fail(js) }
		}
		origin := ""
		if u, err := url.Parse(res.URL, nil); err == nil {
			origin = u.Origin()
		}
		if err := s.read(ctx, js, res.Body, origin, p); err == errTooLong {
			return func() { s.fail(js) }
		}
		return func() { s.lost(js, p) }
	}, func(error) { s.fail(js) })
}

func isEventStream(res *outside.Response) bool {
	for _, f := range res.Header {
		if f.Name == "content-type" {
			t, err := mimesniff.Parse(f.Value)
			return res.Status == 200 && err == nil && t.Essence() == "text/event-stream"
		}
	}
	return false
}

// read announces the connection and fires the events of the body until it ends, each when
// the one before has been taken.
func (s *eventSource) read(ctx context.Context, js *webidl.Realm, body outside.Body, origin string, p *parser) error {
	defer body.Close()
	defer context.AfterFunc(ctx, func() { _ = body.Close() })()
	var from io.Reader = bytes.NewReader(body.Bytes)
	if body.Stream != nil {
		from = body.Stream
	}
	s.turn(ctx, func() {
		if s.state == connecting {
			s.state = open
			dom.Fire(js, s, "open")
		}
	})
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if err := p.feed(buf[:n], func(m message) { s.turn(ctx, func() { s.message(js, m, origin) }) }); err != nil {
			return err
		}
		if err != nil {
			return err
		}
	}
}

// turn runs f as a turn and waits for it.
func (s *eventSource) turn(ctx context.Context, f func()) {
	if ctx.Err() != nil {
		return
	}
	taken := make(chan struct{})
	s.invocation.Post(func() {
		defer close(taken)
		f()
	})
	select {
	case <-taken:
	case <-ctx.Done():
	}
}

func (s *eventSource) message(js *webidl.Realm, m message, origin string) {
	if s.state == closed {
		return
	}
	dom.Dispatch(js, s, dom.NewMessageEvent(js, m.typ, dom.MessageEventInit{
		Data: js.String(m.data), Origin: origin, LastEventID: m.lastID,
	}))
}

// lost: https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection
func (s *eventSource) lost(js *webidl.Realm, p *parser) {
	if s.state == closed || s.invocation.Context().Err() != nil {
		return
	}
	s.lastID = p.lastID
	if p.retry >= 0 {
		s.retry = p.retry
	}
	s.state = connecting
	dom.Fire(js, s, "error")
	if s.state == closed {
		return
	}
	s.timer = js.Loop.SetTimer(s.retry, false, s.invocation, js.Context(), func() {
		if s.state == connecting && s.connect(js) != nil {
			s.fail(js)
		}
	})
}

// fail: https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection
func (s *eventSource) fail(js *webidl.Realm) {
	if s.state != closed {
		s.state = closed
		dom.Fire(js, s, "error")
	}
}

// close: https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource-close
func (s *eventSource) close(*webidl.Realm) error {
	s.state = closed
	s.stop()
	if s.timer != nil {
		s.timer.Stop()
	}
	return nil
}
