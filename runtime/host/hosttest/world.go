package hosttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A World is an outside.Outside that keeps KV in memory, answers fetches itself and
// remembers logs and reports. One namespace is bound, as KV, and one service, as ECHO.
type World struct {
	// OnFetch answers fetches; nil answers with what was sent.
	OnFetch func(ctx context.Context, req *outside.Request) (*outside.Response, error)

	mu      sync.Mutex
	store   map[string]outside.KVEntry
	lines   []string
	Reports []*outside.Report
}

var _ outside.Outside = (*World)(nil)

var errNotHere = &outside.Error{Kind: outside.KindType, Status: 501, Message: "not in this world"}

// Fetch implements outside.Outside.
func (w *World) Fetch(ctx context.Context, _ *outside.Call, req *outside.Request) (*outside.Response, error) {
	if w.OnFetch != nil {
		return w.OnFetch(ctx, req)
	}
	return echo(req), nil
}

// echo answers with the body of the request, streamed.
func echo(req *outside.Request) *outside.Response {
	res := &outside.Response{
		Status: 203, StatusText: "Echoed", URL: req.URL, Redirected: true,
		Header: []outside.Field{{Name: "x-method", Value: req.Method}}, Body: req.Body,
	}
	for _, f := range req.Header {
		if f.Name == "x-ask" {
			res.Header = append(res.Header, outside.Field{Name: "x-asked", Value: f.Value})
		}
	}
	return res
}

// Service implements outside.Outside.
func (w *World) Service(_ context.Context, call *outside.Call, binding string, req *outside.Request) (*outside.Response, error) {
	if binding != "ECHO" {
		return nil, outside.Errorf(outside.KindError, "no service %q", binding)
	}
	res := echo(req)
	res.Header = append(res.Header, outside.Field{Name: "x-call", Value: call.Invocation})
	return res, nil
}

// RPC implements outside.Outside.
func (w *World) RPC(_ context.Context, _ *outside.Call, binding, method string, args []byte) ([]byte, error) {
	return append([]byte(binding+"."+method+":"), args...), nil
}

// KVGet implements outside.KV.
func (w *World) KVGet(_ context.Context, _ *outside.Call, binding string, keys []string, bulk bool) ([]outside.KVEntry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if binding != "KV" {
		return nil, errNotHere
	}
	list := make([]outside.KVEntry, len(keys))
	for i, k := range keys {
		list[i] = w.store[k]
	}
	return list, nil
}

// KVPut implements outside.KV.
func (w *World) KVPut(_ context.Context, _ *outside.Call, _ string, put outside.KVPut) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if put.Key == "refused" {
		return &outside.Error{Kind: outside.KindError, Status: 429, Message: "KV PUT failed: 429 Too Many Requests"}
	}
	if w.store == nil {
		w.store = map[string]outside.KVEntry{}
	}
	w.store[put.Key] = outside.KVEntry{Found: true, Value: bytes.Clone(put.Value), Metadata: bytes.Clone(put.Metadata)}
	return nil
}

// KVDelete implements outside.KV.
func (w *World) KVDelete(_ context.Context, _ *outside.Call, _ string, keys []string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range keys {
		delete(w.store, k)
	}
	return nil
}

// KVList implements outside.KV.
func (w *World) KVList(_ context.Context, _ *outside.Call, _ string, list outside.KVList) (*outside.KVPage, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	page := &outside.KVPage{Complete: len(w.store) <= 1, Cursor: list.Cursor + "next"}
	for k, e := range w.store {
		page.Keys = append(page.Keys, outside.KVKey{Name: k, Expiration: 77, Metadata: e.Metadata})
	}
	return page, nil
}

// CacheMatch implements outside.Cache.
func (w *World) CacheMatch(_ context.Context, _ *outside.Call, cache string, req *outside.Request) (*outside.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, ok := w.store["cache:"+cache+req.URL]
	if !ok {
		return nil, nil
	}
	return &outside.Response{Status: 200, Body: outside.Body{Bytes: e.Value}}, nil
}

// CachePut implements outside.Cache.
func (w *World) CachePut(_ context.Context, _ *outside.Call, cache string, req *outside.Request, res *outside.Response) error {
	body, err := ReadBody(res.Body)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.store == nil {
		w.store = map[string]outside.KVEntry{}
	}
	w.store["cache:"+cache+req.URL] = outside.KVEntry{Found: true, Value: body}
	return nil
}

// CacheDelete implements outside.Cache.
func (w *World) CacheDelete(_ context.Context, _ *outside.Call, cache string, req *outside.Request) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.store["cache:"+cache+req.URL]
	delete(w.store, "cache:"+cache+req.URL)
	return ok, nil
}

// Log implements outside.Outside.
func (w *World) Log(_ *outside.Call, line *outside.LogLine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, line.Level+" "+line.Text)
}

// Report implements outside.Outside.
func (w *World) Report(r *outside.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Reports = append(w.Reports, r)
}

// Lines returns the console lines so far.
func (w *World) Lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.lines...)
}

// ReadBody reads a body to its end and closes it.
func ReadBody(b outside.Body) ([]byte, error) {
	if b.Stream == nil {
		return b.Bytes, nil
	}
	p, err := io.ReadAll(b.Stream)
	return p, errors.Join(err, b.Stream.Close())
}
