package worker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

var lambdaSpec = worker.Spec{Account: "acc", Script: "fn", Version: "v1"}

func lambdaEvent(out *world) worker.Event {
	return worker.Event{Context: context.Background(), Outside: out, Call: outside.Call{Invocation: "req-1"}}
}

func TestInvoke(t *testing.T) {
	tests := []struct {
		name, js, event string
		want, fails     string // the answer, or the name and message of the exception
	}{
		{"async", `export const handler = async (e, c) => ({ n: e.n + 1, id: c.awsRequestId })`, `{"n":1}`, `{"n":2,"id":"req-1"}`, ""},
		{"value", `export function handler(e) { return e.list.length }`, `{"list":[1,2]}`, `2`, ""},
		{"nothing", `export const handler = async () => {}`, `{}`, `null`, ""},
		{"never", `export const handler = () => {}`, `{}`, `null`, ""},
		{"null event", `export const handler = async (e) => e === null`, `null`, `true`, ""},
		{"common js", `exports.handler = async () => "cjs"`, `{}`, `"cjs"`, ""},
		{"callback", `export const handler = (e, c, cb) => { cb(null, { ok: true }) }`, `{}`, `{"ok":true}`, ""},
		{"callback twice", `export const handler = (e, c, cb) => { cb(null, 1); cb(null, 2) }`, `{}`, `1`, ""},
		{"callback later", `export const handler = (e, c, cb) => { setTimeout(() => cb(null, "late"), 1) }`, `{}`, `"late"`, ""},
		{"callback waits", `let n = 0; export const handler = (e, c, cb) => { const r = { n: 0 }; setTimeout(() => { n++ }, 2); cb(null, { toJSON: () => "asked at once" }) }`, `{}`, `"asked at once"`, ""},
		{"callback does not wait", `export const handler = (e, c, cb) => { c.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 1e6); cb(null, 3) }`, `{}`, `3`, ""},
		{"callback fails", `export const handler = (e, c, cb) => cb(new RangeError("far"))`, `{}`, ``, "RangeError: far"},
		{"callback fails with text", `export const handler = (e, c, cb) => cb("no")`, `{}`, ``, "Error: no"},
		{"done", `export const handler = (e, c) => { c.done(null, "d") }`, `{}`, `"d"`, ""},
		{"succeed", `export const handler = (e, c) => { c.succeed("s") }`, `{}`, `"s"`, ""},
		{"fail", `export const handler = (e, c) => { c.fail(new Error("f")) }`, `{}`, ``, "Error: f"},
		{"throws", `export const handler = () => { throw new TypeError("t") }`, `{}`, ``, "TypeError: t"},
		{"rejects", `export const handler = async () => { throw new TypeError("t") }`, `{}`, ``, "TypeError: t"},
		{"circular", `export const handler = async () => { const o = {}; o.o = o; return o }`, `{}`, ``, "TypeError"},
		{"context", `export const handler = async (e, c) => [c.functionName, c.functionVersion, c.invokedFunctionArn, c.memoryLimitInMB, c.logGroupName,
			c.getRemainingTimeInMillis() > 1000, c.callbackWaitsForEmptyEventLoop, c.logStreamName.endsWith("[v1]")]`, `{}`,
			`["fn","v1","arn:aws:lambda:mayfly:acc:function:fn","128","/aws/lambda/fn",true,true,true]`, ""},
		{"default without fetch", `export const handler = async () => 1; export default { scheduled() {} }`, `{}`, `1`, ""},
		{"own error that cannot be read", `export const handler = async () => { throw { get message() { throw 1 }, get stack() { throw 2 }, toString() { throw 3 } } }`, `{}`, ``, "Error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out := &world{}
			w := load(t, module(test.js), lambdaSpec)
			if list := w.Handlers(); len(list) == 0 || list[0] != worker.HandlerLambda {
				t.Fatalf("handlers: %v", list)
			}
			ended := make(chan struct{})
			event := lambdaEvent(out)
			event.Finished = func(*outside.Report) { close(ended) }
			got, err := w.Invoke(event, []byte(test.event))
			<-ended
			if test.want != "" && (err != nil || string(got) != test.want) {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
			var thrown *isolate.Thrown
			if test.fails != "" && (!errors.As(err, &thrown) || !strings.HasPrefix(thrown.Error(), test.fails)) {
				t.Errorf("got %s, %v; want the exception %s", got, err, test.fails)
			}
			if len(out.reports) != 1 || out.reports[0].Event != outside.EventLambda {
				t.Fatalf("reports: %v", out.reports)
			}
			if failed := out.reports[0].Outcome == outside.OutcomeException; failed != (test.fails != "") {
				t.Errorf("outcome %s", out.reports[0].Outcome)
			}
		})
	}
}

// A worker that takes fetch events is none of Lambda's, whatever else it exports.
func TestNotLambda(t *testing.T) {
	for _, js := range []string{
		`export const handler = 1; export default { fetch() { return new Response("x") } }`,
		`export function handler() {} export default { fetch() { return new Response("x") } }`,
		`import { WorkerEntrypoint } from "cloudflare:workers"; export function handler() {} export default class extends WorkerEntrypoint { fetch() { return new Response("x") } }`,
	} {
		w := load(t, module(js), lambdaSpec)
		res, err := w.Fetch(lambdaEvent(&world{}), &outside.Request{Method: "GET", URL: "http://h/"})
		if err != nil || string(res.Body.Bytes) != "x" {
			t.Errorf("%s: %v, %v", js, res, err)
		}
	}
}

func TestFunctionURL(t *testing.T) {
	tests := []struct {
		name, returns string
		status        int
		header, body  string
	}{
		{"object", `{ statusCode: 201, headers: { "X-A": "1", "x-n": 2 }, body: "made" }`, 201, "x-a: 1|x-n: 2|content-type: application/json", "made"},
		{"cookies", `{ statusCode: 200, cookies: ["b=2", "a=1; Path=/"], headers: { "content-type": "text/plain" }, body: "c" }`, 200, "content-type: text/plain|set-cookie: b=2|set-cookie: a=1; Path=/", "c"},
		{"base64", `{ statusCode: "200", isBase64Encoded: true, body: "AP8=" }`, 200, "content-type: application/json", "\x00\xff"},
		{"no body", `{ statusCode: 204 }`, 204, "content-type: application/json", ""},
		{"text", `"hello"`, 200, "content-type: application/json", "hello"},
		{"inferred", `{ message: "hi" }`, 200, "content-type: application/json", `{"message":"hi"}`},
		{"number", `7`, 200, "content-type: application/json", `7`},
		{"undefined", `undefined`, 200, "content-type: application/json", `null`},
		{"status no number", `{ statusCode: "teapot" }`, 502, "content-type: application/json", `{"message":"Internal Server Error"}`},
		{"status out of range", `{ statusCode: 99 }`, 502, "content-type: application/json", `{"message":"Internal Server Error"}`},
		{"status null", `{ statusCode: null }`, 502, "content-type: application/json", `{"message":"Internal Server Error"}`},
		{"body no text", `{ statusCode: 200, body: { a: 1 } }`, 502, "content-type: application/json", `{"message":"Internal Server Error"}`},
		{"header no text", `{ statusCode: 200, headers: { a: [1] } }`, 502, "content-type: application/json", `{"message":"Internal Server Error"}`},
		{"header with a line break", `{ statusCode: 200, headers: { a: "x\r\ny: z" } }`, 502, "content-type: application/json", `{"message":"Internal Server Error"}`},
		{"cookies no list", `{ statusCode: 200, cookies: "a=1" }`, 502, "content-type: application/json", `{"message":"Internal Server Error"}`},
		{"no base64", `{ statusCode: 200, isBase64Encoded: true, body: "*" }`, 502, "content-type: application/json", `{"message":"Internal Server Error"}`},
		{"throws", `(() => { throw new Error("x") })()`, 502, "content-type: application/json", `{"message":"Internal Server Error"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out := &world{}
			w := load(t, module(`export const handler = async () => (`+test.returns+`)`), lambdaSpec)
			res, err := w.Fetch(lambdaEvent(out), &outside.Request{Method: "GET", URL: "http://fn.localhost/"})
			if err != nil {
				t.Fatal(err)
			}
			var header []string
			for _, f := range res.Header {
				header = append(header, f.Name+": "+f.Value)
			}
			if res.Status != test.status || strings.Join(header, "|") != test.header || string(res.Body.Bytes) != test.body {
				t.Errorf("got %d %s %q", res.Status, strings.Join(header, "|"), res.Body.Bytes)
			}
			r := out.reports[0]
			if r.Event != outside.EventLambda || r.Status != test.status || (r.Outcome == outside.OutcomeException) != (test.status == 502) {
				t.Errorf("report %+v", r)
			}
		})
	}
}

func TestFunctionURLEvent(t *testing.T) {
	w := load(t, module(`export const handler = async (e) => { delete e.requestContext.time; delete e.requestContext.timeEpoch; return e }`), lambdaSpec)
	tests := []struct {
		name string
		req  outside.Request
		want string
	}{
		{"get", outside.Request{Method: "GET", URL: "https://fn.example.net:8443/a%20b/c?x=1&x=2&y=%C3%A9&z", Header: []outside.Field{
			{Name: "cookie", Value: "a=1; b=2"}, {Name: "x-m", Value: "1"}, {Name: "x-m", Value: "2"}, {Name: "user-agent", Value: "test"},
			{Name: "cf-connecting-ip", Value: "192.0.2.7"}, {Name: "x-latin", Value: "\xe9"}}},
			`{"version":"2.0","routeKey":"$default","rawPath":"/a%20b/c","rawQueryString":"x=1&x=2&y=%C3%A9&z","cookies":["a=1","b=2"],` +
				`"headers":{"cf-connecting-ip":"192.0.2.7","user-agent":"test","x-latin":"é","x-m":"1,2"},"queryStringParameters":{"x":"1,2","y":"é","z":""},` +
				`"requestContext":{"accountId":"acc","apiId":"fn","domainName":"fn.example.net","domainPrefix":"fn",` +
				`"http":{"method":"GET","path":"/a%20b/c","protocol":"HTTP/1.1","sourceIp":"192.0.2.7","userAgent":"test"},` +
				`"requestId":"req-1","routeKey":"$default","stage":"$default"},"isBase64Encoded":false}`},
		{"text body", outside.Request{Method: "POST", URL: "http://fn/", Header: []outside.Field{{Name: "content-type", Value: "application/json; charset=utf-8"}}, Body: outside.Body{Bytes: []byte(`{"a":"é"}`)}},
			`"body":"{\"a\":\"é\"}","isBase64Encoded":false`},
		{"form body", outside.Request{Method: "POST", URL: "http://fn/", Header: []outside.Field{{Name: "content-type", Value: "application/x-www-form-urlencoded"}}, Body: outside.Body{Bytes: []byte(`a=1`)}},
			`"body":"YT0x","isBase64Encoded":true`},
		{"text that is none", outside.Request{Method: "POST", URL: "http://fn/", Header: []outside.Field{{Name: "content-type", Value: "text/plain"}}, Body: outside.Body{Bytes: []byte("\xff")}},
			`"body":"/w==","isBase64Encoded":true`},
		{"streamed body", outside.Request{Method: "POST", URL: "http://fn/", Body: outside.Body{Stream: io.NopCloser(strings.NewReader("abc")), Length: -1}},
			`"body":"YWJj","isBase64Encoded":true`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			res, err := w.Fetch(lambdaEvent(&world{}), &test.req)
			if err != nil || !strings.Contains(string(res.Body.Bytes), test.want) {
				t.Errorf("got %s, %v\nwant %s", res.Body.Bytes, err, test.want)
			}
		})
	}
	_, err := w.Fetch(lambdaEvent(&world{}), &outside.Request{Method: "POST", URL: "http://fn/",
		Body: outside.Body{Stream: io.NopCloser(bytes.NewReader(make([]byte, worker.MaxLambdaBody+1))), Length: -1}})
	if err == nil || !strings.Contains(err.Error(), "6 MB") {
		t.Errorf("a body that is too large: %v", err)
	}
}

// FuzzFunctionURL gives a function arbitrary answers: each is a response that can be sent, or 502.
func FuzzFunctionURL(f *testing.F) {
	for _, seed := range []string{`{"statusCode":200,"headers":{"a":"b"},"cookies":["c"],"body":"d","isBase64Encoded":true}`, `"x"`, `[1]`, `{"statusCode":1e3}`, `null`} {
		f.Add([]byte(seed))
	}
	w := load(f, module(`export const handler = async (e) => e.body === undefined ? null : JSON.parse(e.body)`), lambdaSpec)
	f.Fuzz(func(t *testing.T, answer []byte) {
		if !json.Valid(answer) {
			return
		}
		res, err := w.Fetch(lambdaEvent(&world{}), &outside.Request{Method: "POST", URL: "http://fn/",
			Header: []outside.Field{{Name: "content-type", Value: "application/json"}}, Body: outside.Body{Bytes: answer}})
		if err != nil {
			t.Fatal(err)
		}
		if res.Status < 200 || res.Status > 599 {
			t.Errorf("status %d", res.Status)
		}
		for _, h := range res.Header {
			if strings.ContainsAny(h.Name+h.Value, "\r\n\x00") {
				t.Errorf("header %q", h)
			}
		}
	})
}
