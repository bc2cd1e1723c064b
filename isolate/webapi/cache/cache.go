package cache

import (
	"context"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// Class is the Cache interface, without add, addAll, matchAll and keys, as on Workers.
// https://w3c.github.io/ServiceWorker/#cache-interface
var Class = &webidl.Class[*cache]{
	Name: "Cache",
	Members: []webidl.Member[*cache]{
		webidl.Op2("match", (*cache).match, fetch.RequestInfo, queryOptions),
		webidl.Op2("put", (*cache).put, fetch.RequestInfo, fetch.ResponseClass.Instance()),
		webidl.Op2("delete", (*cache).delete, fetch.RequestInfo, queryOptions),
	},
}

type cache struct {
	webidl.Handle
	name string // "" is the default cache
}

type query struct{ ignoreMethod bool }

var queryOptions = webidl.Dict("CacheQueryOptions", query{},
	webidl.Has("ignoreMethod", webidl.Boolean, func(q *query) *bool { return &q.ignoreMethod }))

// maxCalls is how many times one invocation may use the cache.
const maxCalls = 1000

// request is what the cache is asked about: the request without its body.
func (q query) request(js *webidl.Realm, r *fetch.Request) (*outside.Request, error) {
	req, err := r.Head(js)
	if err == nil && q.ignoreMethod {
		req.Method = "GET"
	}
	return req, err
}

// match: https://w3c.github.io/ServiceWorker/#cache-match
func (c *cache) match(js *webidl.Realm, r *fetch.Request, q query) (*webidl.Promise, error) {
	inv, err := c.call(js)
	if err != nil {
		return nil, err
	}
	req, err := q.request(js, r)
	if err != nil {
		return nil, err
	}
	out, call := inv.Outside(), inv.Call()
	return webidl.Await(js, func(ctx context.Context) (*outside.Response, error) {
		return out.CacheMatch(ctx, call, c.name, req)
	}, func(js *webidl.Realm, res *outside.Response) (goja.Value, error) {
		if res == nil {
			return goja.Undefined(), nil
		}
		return fetch.FromOutside(js, res).Wrap(js), nil
	}), nil
}

// put: https://w3c.github.io/ServiceWorker/#cache-put
func (c *cache) put(js *webidl.Realm, r *fetch.Request, response *fetch.Response) (*webidl.Promise, error) {
	inv, err := c.call(js)
	if err != nil {
		return nil, err
	}
	req, err := query{}.request(js, r)
	if err != nil {
		return nil, err
	}
	res, err := response.Send(js)
	if err != nil {
		return nil, err
	}
	out, call := inv.Outside(), inv.Call()
	return webidl.Await(js, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, out.CachePut(ctx, call, c.name, req, &res)
	}, nil), nil
}

// delete: https://w3c.github.io/ServiceWorker/#cache-delete
func (c *cache) delete(js *webidl.Realm, r *fetch.Request, q query) (*webidl.Promise, error) {
	inv, err := c.call(js)
	if err != nil {
		return nil, err
	}
	req, err := q.request(js, r)
	if err != nil {
		return nil, err
	}
	out, call := inv.Outside(), inv.Call()
	return webidl.Await(js, func(ctx context.Context) (bool, error) {
		return out.CacheDelete(ctx, call, c.name, req)
	}, func(js *webidl.Realm, found bool) (goja.Value, error) { return js.VM.ToValue(found), nil }), nil
}

// call counts a use of the cache.
func (c *cache) call(js *webidl.Realm) (*isolate.Invocation, error) {
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	return inv, inv.CacheOperation(maxCalls)
}
