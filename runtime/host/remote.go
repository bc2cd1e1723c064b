package host

import (
	"context"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A call is something that a child asks of the server.
type call uint8

const (
	callBundle call = iota + 1 // of a version, by its number
	callFetch
	callService
	callRPC
	callKVGet
	callKVPut
	callKVDelete
	callKVList
	callCacheMatch
	callCachePut
	callCacheDelete
)

func (r *remote) ask(ctx context.Context, c call, args []byte, bodies ...*outStream) (*decoder, error) {
	for _, s := range bodies {
		if s != nil {
			go s.pump() // sends nothing before it is asked to
		}
	}
	d, err := r.guest.ask(ctx, r.id, c, args)
	if err != nil {
		for _, s := range bodies {
			if s != nil {
				s.stop()
			}
		}
	}
	return d, err
}

func (r *remote) exchange(ctx context.Context, c call, args []byte, req *outside.Request) (*outside.Response, error) {
	args, body := r.guest.link.appendRequest(args, req)
	d, err := r.ask(ctx, c, args, body)
	if err != nil {
		return nil, err
	}
	if !d.bool() {
		return nil, d.done() // a cache miss
	}
	return r.response(d)
}

func (r *remote) response(d *decoder) (*outside.Response, error) {
	res := r.guest.link.response(d)
	if socket, ok := r.guest.link.socket(d).(*borrowed); ok {
		socket.abrupt = true
		res.Socket = socket
	}
	return res, d.done()
}

// Fetch implements outside.Outside.
func (r *remote) Fetch(ctx context.Context, _ *outside.Call, req *outside.Request) (*outside.Response, error) {
	return r.exchange(ctx, callFetch, appendString(nil, ""), req)
}

// Service implements outside.Outside.
func (r *remote) Service(ctx context.Context, _ *outside.Call, binding string, req *outside.Request) (*outside.Response, error) {
	return r.exchange(ctx, callService, appendString(nil, binding), req)
}

// RPC implements outside.Outside.
func (r *remote) RPC(ctx context.Context, _ *outside.Call, binding, method string, args []byte) ([]byte, error) {
	b := appendString(nil, binding)
	b = appendString(b, method)
	d, err := r.ask(ctx, callRPC, appendBytes(b, args))
	if err != nil {
		return nil, err
	}
	return d.bytes(), d.done()
}

// KVGet implements outside.KV.
func (r *remote) KVGet(ctx context.Context, _ *outside.Call, binding string, keys []string, bulk bool) ([]outside.KVEntry, error) {
	b := appendString(nil, binding)
	b = appendStrings(b, keys)
	d, err := r.ask(ctx, callKVGet, appendBool(b, bulk))
	if err != nil {
		return nil, err
	}
	list := d.entries()
	mark := outside.KVMark{Number: uint32(d.uint()), Count: d.uint()}
	if err := d.done(); err != nil {
		return nil, err
	}
	if len(list) == 1 && !bulk {
		r.guest.entries.keep(entryKey{r.number, binding, keys[0]}, list[0], mark)
	}
	return list, nil
}

// KVCached implements outside.KVMemory.
func (r *remote) KVCached(_ *outside.Call, binding, key string) (outside.KVEntry, bool) {
	return r.guest.entries.get(entryKey{r.number, binding, key})
}

// KVPut implements outside.KV.
func (r *remote) KVPut(ctx context.Context, _ *outside.Call, binding string, put outside.KVPut) error {
	return r.void(ctx, callKVPut, appendPut(appendString(nil, binding), &put))
}

// KVDelete implements outside.KV.
func (r *remote) KVDelete(ctx context.Context, _ *outside.Call, binding string, keys []string) error {
	return r.void(ctx, callKVDelete, appendStrings(appendString(nil, binding), keys))
}

func (r *remote) void(ctx context.Context, c call, args []byte) error {
	d, err := r.ask(ctx, c, args)
	if err != nil {
		return err
	}
	return d.done()
}

// KVList implements outside.KV.
func (r *remote) KVList(ctx context.Context, _ *outside.Call, binding string, list outside.KVList) (*outside.KVPage, error) {
	d, err := r.ask(ctx, callKVList, appendList(appendString(nil, binding), &list))
	if err != nil {
		return nil, err
	}
	return d.page(), d.done()
}

// CacheMatch implements outside.Cache.
func (r *remote) CacheMatch(ctx context.Context, _ *outside.Call, cache string, req *outside.Request) (*outside.Response, error) {
	return r.exchange(ctx, callCacheMatch, appendString(nil, cache), req)
}

// CachePut implements outside.Cache.
func (r *remote) CachePut(ctx context.Context, _ *outside.Call, cache string, req *outside.Request, res *outside.Response) error {
	b, sent := r.guest.link.appendRequest(appendString(nil, cache), req)
	b, kept := r.guest.link.appendResponse(b, res)
	d, err := r.ask(ctx, callCachePut, b, sent, kept)
	if err != nil {
		return err
	}
	return d.done()
}

// CacheDelete implements outside.Cache.
func (r *remote) CacheDelete(ctx context.Context, _ *outside.Call, cache string, req *outside.Request) (bool, error) {
	b, body := r.guest.link.appendRequest(appendString(nil, cache), req)
	d, err := r.ask(ctx, callCacheDelete, b, body)
	if err != nil {
		return false, err
	}
	return d.bool(), d.done()
}

// Log implements outside.Outside.
func (r *remote) Log(_ *outside.Call, line *outside.LogLine) {
	r.guest.link.send(kLog, r.id, appendLine(nil, line))
}

// Report implements outside.Outside: the report goes with the answer, or in finished.
func (r *remote) Report(*outside.Report) {}
