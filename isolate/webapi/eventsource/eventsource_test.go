package eventsource

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// events parses a stream that comes in chunks.
func events(chunks ...string) (list []string, p *parser) {
	p = newParser("before")
	for _, c := range chunks {
		if err := p.feed([]byte(c), func(m message) { list = append(list, fmt.Sprintf("%s|%s|%s", m.typ, m.data, m.lastID)) }); err != nil {
			list = append(list, err.Error())
		}
	}
	return list, p
}

func TestParser(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		want         []string
	}{
		{"one", "data: a\n\n", []string{"message|a|"}},
		{"ends of lines", "data: a\r\n\r\ndata: b\r\rdata: c\n\n", []string{"message|a|", "message|b|", "message|c|"}},
		{"lines", "data: a\ndata:b\ndata\ndata:  c\n\n", []string{"message|a\nb\n\n c|"}},
		{"mark", "\ufeffdata: a\n\n\ufeffdata: b\n\n", []string{"message|a|"}},
		{"type", "event: x\ndata: a\n\ndata: b\n\n", []string{"x|a|", "message|b|"}},
		{"type without data", "event: x\n\ndata: b\n\n", []string{"message|b|"}},
		{"empty data", "data\n\ndata:\n\n", []string{"message||", "message||"}},
		{"id stays", "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", []string{"message|a|1", "message|b|1", "message|c|"}},
		{"id with a zero", "id: 1\x00\ndata: a\n\n", []string{"message|a|"}},
		{"comment", ": hello\ndata: a\n:\n\n", []string{"message|a|"}},
		{"unknown", "DATA: a\nfoo: b\n data: c\n\n", nil},
		{"unfinished", "data: a\n", nil},
		{"colons", "data: a: b\n\n", []string{"message|a: b|"}},
		{"too long", "data: " + strings.Repeat("x", MaxEvent), []string{errTooLong.Error()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _ := events(c.stream)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %.300q, want %.300q", got, c.want)
			}
		})
	}
}

func TestRetry(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"5": 5 * time.Millisecond, "0": 0, "": -1, "x": -1, "1x": -1, "-1": -1, "+1": -1, "1.5": -1, "99999999999": -1,
	} {
		if _, p := events("retry: " + text + "\n"); p.retry != want {
			t.Errorf("%q: got %v, want %v", text, p.retry, want)
		}
	}
}

// FuzzParser checks that it does not matter how a stream is cut.
func FuzzParser(f *testing.F) {
	f.Add("\ufeffid: 1\r\nevent: e\r\ndata: a\r\ndata: b\r\n\r\nretry: 5\n\n", 7)
	f.Fuzz(func(t *testing.T, stream string, cut int) {
		if cut < 0 || cut > len(stream) {
			return
		}
		whole, p := events(stream)
		parts, q := events(stream[:cut], stream[cut:])
		if fmt.Sprint(whole) != fmt.Sprint(parts) || p.retry != q.retry || p.lastID != q.lastID {
			t.Errorf("whole %q, cut at %d %q", whole, cut, parts)
		}
	})
}

// server answers the fetches in turn, and refuses when there are no answers left.
type server struct {
	outside.Outside
	mu      sync.Mutex
	answers []*outside.Response
	asked   []string
}

func (s *server) Report(*outside.Report) {}

func (s *server) Fetch(ctx context.Context, call *outside.Call, req *outside.Request) (*outside.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	said := req.URL
	for _, f := range req.Header {
		said += " " + f.Name + "=" + f.Value
	}
	s.asked = append(s.asked, said)
	if len(s.answers) == 0 {
		return &outside.Response{Status: 204}, nil
	}
	res := s.answers[0]
	s.answers = s.answers[1:]
	if res == nil {
		return nil, outside.Errorf(outside.KindNetwork, "connection refused")
	}
	return res, nil
}

func stream(text string) *outside.Response {
	return &outside.Response{
		Status: 200, URL: "https://example.com/events", Body: outside.Body{Bytes: []byte(text)},
		Header: []outside.Field{{Name: "content-type", Value: "text/event-stream; charset=utf-8"}},
	}
}

// run runs src, which defines s, until s is closed, and returns what happened.
func run(t *testing.T, to *server, src string) string {
	t.Helper()
	clock := eventloop.NewVirtualClock(time.Unix(1_800_000_000, 0))
	iso := isolate.New(isolate.Options{Globals: webidl.NewGlobals(dom.Globals, streams.Globals, Globals), Clock: clock})
	t.Cleanup(iso.Close)
	js := iso.Realm
	var lines []string
	inv := iso.NewInvocation(isolate.InvocationOptions{Outside: to})
	err := inv.Enter(func() {
		start := clock.Now()
		js.VM.Set("log", func(s string) { lines = append(lines, fmt.Sprintf("%v %s", clock.Now().Sub(start), s)) })
		js.VM.Set("done", func(goja.FunctionCall) goja.Value { inv.Answer(); return nil })
		if _, err := js.VM.RunString(src + `
			s.onopen = () => log("open " + s.readyState);
			s.onmessage = (e) => log("message " + e.data + " " + e.origin + " " + e.lastEventId);
			s.addEventListener("x", (e) => log("x " + e.data));
			s.onerror = () => { log("error " + s.readyState); if (s.readyState === 2) done() };`); err != nil {
			t.Error(err)
			inv.Answer()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- inv.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			_, _ = iso.Start(func() { text = strings.Join(lines, "\n") })
			return text
		default:
			clock.Next()
		}
	}
}

func TestEventSource(t *testing.T) {
	to := &server{answers: []*outside.Response{
		stream("retry: 50\nid: 7\ndata: a\n\nevent: x\ndata: b\n\ndata: lost"), nil, stream("data: c\n\n"),
	}}
	got := run(t, to, `var s = new EventSource("https://example.com/events#part", { withCredentials: true });
		log(s.url + " " + s.withCredentials + " " + s.readyState)`)
	want := `0s https://example.com/events#part true 0
0s open 1
0s message a https://example.com 7
0s x b
0s error 0
50ms error 0
100ms open 1
100ms message c https://example.com 
100ms error 0
150ms error 2`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	asked := strings.Join(to.asked, "\n")
	const head = "https://example.com/events#part accept=text/event-stream cache-control=no-cache"
	if want := head + "\n" + head + " last-event-id=7\n" + head + " last-event-id=7\n" + head; asked != want {
		t.Errorf("asked\n%s\nwant\n%s", asked, want)
	}
}

func TestFails(t *testing.T) {
	html := stream("data: a\n\n")
	html.Header[0].Value = "text/html"
	missing := stream("")
	missing.Status = 404
	for name, res := range map[string]*outside.Response{"type": html, "status": missing, "nothing": {Status: 204}, "too long": stream(strings.Repeat("x", MaxEvent+1))} {
		if got := run(t, &server{answers: []*outside.Response{res}}, `var s = new EventSource("https://example.com/events")`); !strings.HasSuffix(got, "0s error 2") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestFrom(t *testing.T) {
	got := run(t, &server{}, `var s = EventSource.from(new ReadableStream({ start(c) {
		for (const part of [[100, 97, 116], [97, 58, 32, 104, 105, 10], [10]]) c.enqueue(new Uint8Array(part));
		c.close();
	} })); log(s.url + s.readyState)`)
	if want := "0s 0\n0s open 1\n0s message hi  \n0s error 2"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestBadArguments(t *testing.T) {
	got := run(t, &server{}, `var s = new EventSource("https://example.com/");
		for (const f of [() => new EventSource("/events"), () => new EventSource(), () => EventSource("https://example.com/"), () => EventSource.from("x")])
			try { f() } catch (e) { log(e.name + ": " + e.message) }`)
	want := `0s SyntaxError: Failed to construct 'EventSource': "/events" is not an absolute URL.
0s TypeError: Failed to construct 'EventSource': 1 argument required, but only 0 present.
0s TypeError: Class constructor EventSource cannot be invoked without 'new'
0s TypeError: Failed to execute 'from' on 'EventSource': The argument is not a ReadableStream.
0s error 2`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
