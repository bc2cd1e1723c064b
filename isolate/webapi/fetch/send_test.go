package fetch_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// net answers the fetches of a test.
type net struct {
	outside.Outside // nil: anything else is a failure of the test
	asked           int
}

func (n *net) Fetch(ctx context.Context, _ *outside.Call, req *outside.Request) (*outside.Response, error) {
	n.asked++
	res := &outside.Response{Status: 200, StatusText: "OK", URL: req.URL}
	switch path := strings.TrimPrefix(req.URL, "https://h/"); path {
	case "echo":
		res.Header = append([]outside.Field{{Name: "x-method", Value: req.Method}}, req.Header...)
		res.Body = req.Body
	case "stream":
		res.Body = outside.Body{Stream: io.NopCloser(strings.NewReader("streamed")), Length: -1}
	case "text":
		res.Body = outside.Body{Bytes: []byte("text")}
	case "wait":
		<-ctx.Done()
		return nil, ctx.Err()
	case "endless":
		r, w := io.Pipe()
		go io.WriteString(w, "begin")
		res.Body = outside.Body{Stream: r, Length: -1}
	case "error":
		return nil, errors.New("connection reset")
	case "refused":
		return nil, outside.Errorf(outside.KindNetwork, "Refused to connect.")
	}
	return res, nil
}

func (*net) Log(*outside.Call, *outside.LogLine) {}
func (*net) Report(*outside.Report)              {}

func TestFetch(t *testing.T) {
	for _, c := range []script{
		{"echo", `var r = await fetch("https://h/echo", {method: "POST", body: "x", headers: {A: "b"}}); return [r.status, r.statusText, r.url, r.type, r.headers.get("x-method"), r.headers.get("a"), r.headers.get("content-type"), await r.text()].join()`,
			"200,OK,https://h/echo,basic,POST,b,text/plain;charset=UTF-8,x"},
		{"request object", `return (await fetch(new Request("https://h/echo", {method: "PUT", body: "y"}))).text()`, "y"},
		{"used request", `var q = new Request("https://h/echo", {method: "PUT", body: "y"}); await fetch(q); return fetch(q)`, "TypeError: Cannot reconstruct a Request with a used body."},
		{"stream", `return (await fetch("https://h/stream")).text()`, "streamed"},
		{"chunks", `var s = "", r = (await fetch("https://h/stream")).body.getReader(); for (;;) { var {value, done} = await r.read(); if (done) return s; s += new TextDecoder().decode(value) }`, "streamed"},
		{"no body", `var r = await fetch("https://h/nothing"); return String(r.body) + (await r.text()).length`, "null0"},
		{"error", `return fetch("https://h/error")`, "TypeError: Network connection lost: connection reset"},
		{"refused", `return fetch("https://h/refused")`, "TypeError: Refused to connect."},
		{"bad URL", `return fetch("/x")`, "TypeError: Invalid URL: /x"},
		{"no arguments", `return fetch()`, "TypeError: Failed to execute 'fetch': 1 argument required, but only 0 present."},
		{"a getter that throws", `return fetch("https://h/text", {get method() { throw new RangeError("no") }})`, "RangeError: no"},
		{"data", `var r = await fetch("data:text/html;base64,PGI+#x"); return [r.status, r.headers.get("content-type"), r.url, await r.text()].join()`, "200,text/html,data:text/html;base64,PGI+#x,<b>"},
		{"bad data", `return fetch("data:nothing")`, "TypeError: Failed to fetch: invalid data: URL"},

		{"aborted before", `return fetch("https://h/text", {signal: AbortSignal.abort()}).catch(e => e.name + asked())`, "AbortError0"},
		{"aborted before with a stream", `var why, s = new ReadableStream({cancel(r) { why = r }}); var p = fetch("https://h/text", {method: "POST", body: s, signal: AbortSignal.abort(5)}); var at = why; return p.catch(e => e + "" + at)`, "55"},
		{"aborted while waiting", `var c = new AbortController(), p = fetch("https://h/wait", {signal: c.signal}); c.abort("why"); return p.catch(e => e)`, "why"},
		{"aborted before reading", `var c = new AbortController(), r = await fetch("https://h/text", {signal: c.signal}); c.abort(); return r.text().catch(e => e.name)`, "AbortError"},
		{"aborted while reading", `var c = new AbortController(), r = await fetch("https://h/endless", {signal: c.signal}), p = r.text(); c.abort(); return p.catch(e => e.name)`, "AbortError"},
		{"aborted while streaming", `var c = new AbortController(), r = (await fetch("https://h/endless", {signal: c.signal})).body.getReader(); await r.read(); var p = r.read(); c.abort(7); return p.catch(e => e)`, "7"},
		{"aborted too late", `var c = new AbortController(), s = await (await fetch("https://h/text", {signal: c.signal})).text(); c.abort(); return s`, "text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			iso := isolate.New(isolate.Options{Globals: globals})
			defer iso.Close()
			n := &net{}
			got := "never settled"
			inv := iso.NewInvocation(isolate.InvocationOptions{Outside: n})
			if err := inv.Enter(func() {
				iso.VM.Set("asked", func() int { return n.asked })
				iso.VM.Set("out", func(s string) { got = s; inv.Answer() })
				if _, err := iso.VM.RunString(`(async () => { ` + c.js + ` })().then(v => out(String(v)), e => out(String(e)))`); err != nil {
					inv.Raise(err)
				}
			}); err != nil {
				t.Fatal(err)
			}
			if err := inv.Wait(); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestFetchAtTopLevel checks that a script cannot fetch while it is loaded.
func TestFetchAtTopLevel(t *testing.T) {
	iso := isolate.New(isolate.Options{Globals: globals})
	defer iso.Close()
	var got string
	if _, err := iso.Start(func() {
		iso.VM.Set("out", func(s string) { got = s })
		if _, err := iso.VM.RunString(`fetch("https://h/text").catch(e => out(e.message))`); err != nil {
			t.Error(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got, "Disallowed operation called within global scope.") {
		t.Errorf("got %q", got)
	}
}

// TestSubrequestLimit checks that fetches are counted.
func TestSubrequestLimit(t *testing.T) {
	iso := isolate.New(isolate.Options{Globals: globals, Limits: isolate.Limits{Subrequests: 2}})
	defer iso.Close()
	var got string
	inv := iso.NewInvocation(isolate.InvocationOptions{Outside: &net{}})
	if err := inv.Enter(func() {
		iso.VM.Set("out", func(s string) { got = s; inv.Answer() })
		if _, err := iso.VM.RunString(`(async () => { for (var i = 0; ; i++) try { await (await fetch("https://h/text")).text() } catch (e) { return i + e.message } })().then(out)`); err != nil {
			inv.Raise(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := inv.Wait(); err != nil {
		t.Fatal(err)
	}
	if want := "2Too many subrequests. The limit is 2 for one invocation."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
