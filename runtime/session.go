package runtime

import (
	"context"
	"errors"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/router"
	"github.com/mayfly-edge/mayfly/runtime/egress"
	"github.com/mayfly-edge/mayfly/runtime/httpcache"
	"github.com/mayfly-edge/mayfly/runtime/metrics"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// maxHops is how many workers a request may pass through.
const maxHops = 16

// session is what one version of a worker may reach: outside.Outside with that
// version's bindings.
type session struct {
	httpcache.Account // outside.Cache

	rt       *Runtime
	account  string
	script   string
	key      router.Script
	kv       map[string]*kv.Namespace
	services map[string]script.Binding
	static   *static // the version's files, or nil
	assets   string  // name of the binding that reaches them

	sockets atomic.Int64 // WebSockets that are open to servers elsewhere
}

// maxSockets is how many WebSockets all the invocations of one version may have open to
// servers elsewhere.
const maxSockets = 1000

var (
	_ outside.Outside  = (*session)(nil)
	_ outside.KVMemory = (*session)(nil)
	_ outside.KVMarked = (*session)(nil)
)

func newSession(rt *Runtime, v *script.Version, files *static) *session {
	s := &session{Account: rt.cache.Account(v.Account), rt: rt, account: v.Account, script: v.Script, key: scriptKey(v.Account, v.Script), static: files}
	for _, b := range v.Bindings {
		switch b.Type {
		case script.KVNamespace:
			if s.kv == nil {
				s.kv = map[string]*kv.Namespace{}
			}
			s.kv[b.Name] = rt.db.Namespace(b.NamespaceID)
		case script.Assets:
			s.assets = b.Name
		case script.Service:
			if s.services == nil {
				s.services = map[string]script.Binding{}
			}
			s.services[b.Name] = b
		}
	}
	return s
}

// errLoop is what a worker sees when its request has come round too often.
var errLoop = &outside.Error{Kind: outside.KindError, Status: 508, Message: "Loop limit exceeded: the request has passed through 16 workers."}

// Fetch implements outside.Outside. A worker on a route that fetches its own host
// reaches the worker whose custom domain that is.
func (s *session) Fetch(ctx context.Context, call *outside.Call, req *outside.Request) (*outside.Response, error) {
	if call.Hops >= maxHops {
		return nil, errLoop
	}
	if u, err := url.Parse(req.URL); err == nil {
		if other, ok := s.rt.router.Table().Domain([]byte(u.Host)); ok && other != s.key {
			if account, _, _ := splitKey(other); account == s.account {
				return s.rt.internal(ctx, call, other, "", req)
			}
		}
	}
	res, err := s.rt.egress.Fetch(ctx, call, req)
	if err != nil {
		return nil, err
	}
	if socket, ok := res.Socket.(*egress.Socket); ok {
		full := s.sockets.Add(1) > maxSockets
		socket.OnEnd(func() { s.sockets.Add(-1) })
		if full {
			_ = socket.Close(1006, "")
			return nil, outside.Errorf(outside.KindError, "Too many WebSockets are open: a worker may have %d.", maxSockets)
		}
	}
	return res, nil
}

// service returns the worker and the entrypoint behind a service binding.
func (s *session) service(call *outside.Call, binding string) (router.Script, string, error) {
	b, ok := s.services[binding]
	if !ok {
		return "", "", outside.Errorf(outside.KindError, "There is no service binding named %q.", binding)
	}
	if call.Hops >= maxHops {
		return "", "", errLoop
	}
	return scriptKey(s.account, b.Service), b.Entrypoint, nil
}

// Service implements outside.Outside.
func (s *session) Service(ctx context.Context, call *outside.Call, binding string, req *outside.Request) (*outside.Response, error) {
	if s.static != nil && binding == s.assets {
		return s.static.fetch(ctx, req)
	}
	key, entrypoint, err := s.service(call, binding)
	if err != nil {
		return nil, err
	}
	return s.rt.internal(ctx, call, key, entrypoint, req)
}

// RPC implements outside.Outside.
func (s *session) RPC(ctx context.Context, call *outside.Call, binding, method string, args []byte) ([]byte, error) {
	key, entrypoint, err := s.service(call, binding)
	if err != nil {
		return nil, err
	}
	return s.rt.rpc(ctx, call, key, entrypoint, method, args)
}

func (s *session) namespace(binding string) (*kv.Namespace, error) {
	if n := s.kv[binding]; n != nil {
		return n, nil
	}
	return nil, outside.Errorf(outside.KindError, "There is no KV namespace binding named %q.", binding)
}

// KVGet implements outside.KV.
func (s *session) KVGet(ctx context.Context, call *outside.Call, binding string, keys []string, bulk bool) ([]outside.KVEntry, error) {
	n, err := s.namespace(binding)
	if err != nil {
		return nil, err
	}
	defer s.timeKV(metrics.KVRead, time.Now())
	if !bulk {
		e, err := n.Get(ctx, keys[0])
		if err != nil {
			return nil, kvError(err)
		}
		return []outside.KVEntry{{Found: e.Found, Value: e.Value, Metadata: e.Metadata}}, nil
	}
	list, err := n.GetMany(ctx, keys)
	if err != nil {
		return nil, kvError(err)
	}
	entries := make([]outside.KVEntry, len(list))
	for i, e := range list {
		entries[i] = outside.KVEntry{Found: e.Found, Value: e.Value, Metadata: e.Metadata}
	}
	return entries, nil
}

// KVGetMarked implements outside.KVMarked.
func (s *session) KVGetMarked(ctx context.Context, call *outside.Call, binding, key string) (outside.KVEntry, outside.KVMark, error) {
	n, err := s.namespace(binding)
	if err != nil {
		return outside.KVEntry{}, outside.KVMark{}, err
	}
	defer s.timeKV(metrics.KVRead, time.Now())
	e, m, ok, err := n.GetMarked(ctx, key)
	mark := outside.KVMark{Number: m.Index + 1, Count: m.Count}
	if !ok {
		mark = outside.KVMark{}
	}
	return outside.KVEntry{Found: e.Found, Value: e.Value, Metadata: e.Metadata}, mark, kvError(err)
}

// KVCached implements outside.KVMemory.
func (s *session) KVCached(call *outside.Call, binding, key string) (outside.KVEntry, bool) {
	n := s.kv[binding]
	if n == nil {
		return outside.KVEntry{}, false
	}
	e, ok := n.Cached(key)
	return outside.KVEntry{Found: e.Found, Value: e.Value, Metadata: e.Metadata}, ok
}

// KVPut implements outside.KV.
func (s *session) KVPut(ctx context.Context, call *outside.Call, binding string, p outside.KVPut) error {
	n, err := s.namespace(binding)
	if err != nil {
		return err
	}
	defer s.timeKV(metrics.KVWrite, time.Now())
	return kvError(n.Put(ctx, kv.Write{
		Key: p.Key, Value: p.Value, Metadata: p.Metadata, Expiration: p.Expiration, ExpirationTTL: p.ExpirationTTL,
	}))
}

// KVDelete implements outside.KV.
func (s *session) KVDelete(ctx context.Context, call *outside.Call, binding string, keys []string) error {
	n, err := s.namespace(binding)
	if err != nil {
		return err
	}
	defer s.timeKV(metrics.KVDelete, time.Now())
	return kvError(n.DeleteMany(ctx, keys))
}

// KVList implements outside.KV.
func (s *session) KVList(ctx context.Context, call *outside.Call, binding string, l outside.KVList) (*outside.KVPage, error) {
	n, err := s.namespace(binding)
	if err != nil {
		return nil, err
	}
	defer s.timeKV(metrics.KVList, time.Now())
	page, err := n.List(ctx, kv.ListQuery{Prefix: l.Prefix, Limit: l.Limit, Cursor: l.Cursor})
	if err != nil {
		return nil, kvError(err)
	}
	out := &outside.KVPage{Complete: page.Complete, Cursor: page.Cursor, Keys: make([]outside.KVKey, len(page.Keys))}
	for i, k := range page.Keys {
		out.Keys[i] = outside.KVKey{Name: k.Name, Expiration: k.Expiration, Metadata: k.Metadata}
	}
	return out, nil
}

// timeKV tells the metrics how long an operation took.
func (s *session) timeKV(op metrics.KVOperation, from time.Time) {
	s.rt.metrics.KV(op, time.Since(from))
}

// kvError passes on what a script may see of a store's error.
func kvError(err error) error {
	var e *kv.Error
	if errors.As(err, &e) {
		return &outside.Error{Kind: outside.KindError, Status: e.Status, Message: e.Error()}
	}
	return err
}

// Log implements outside.Outside.
func (s *session) Log(call *outside.Call, line *outside.LogLine) {
	for _, o := range s.rt.cfg.Observers {
		o.Log(s.account, s.script, line)
	}
}

// Report implements outside.Outside.
func (s *session) Report(r *outside.Report) { s.rt.publish(r) }
