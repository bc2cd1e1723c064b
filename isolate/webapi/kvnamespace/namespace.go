package kvnamespace

import (
	"context"
	"io"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/webapi/fetch"
	"github.com/mayfly-edge/mayfly/isolate/webapi/streams"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// MaxValue is the largest value that can be put, in bytes.
const MaxValue = 25 << 20

// Class is the KVNamespace interface. Scripts cannot construct it.
var Class = &webidl.Class[*namespace]{
	Name: "KvNamespace",
	Members: []webidl.Member[*namespace]{
		webidl.Op2("get", (*namespace).get, keysType, readOptions),
		webidl.Op1("list", (*namespace).list, listOptions),
		webidl.Op3("put", (*namespace).put, keyType, valueType, writeOptions),
		webidl.Op2("getWithMetadata", (*namespace).getWithMetadata, keysType, readOptions),
		webidl.Op1("delete", (*namespace).delete, keysType),
	},
}

type namespace struct {
	webidl.Handle
	binding string
}

// New returns the object of the namespace bound to the given name.
func New(js *webidl.Realm, binding string) *goja.Object {
	return Class.Wrap(js, &namespace{binding: binding})
}

// keys are one key, or several for a bulk read.
type keys struct {
	names []string
	bulk  bool
}

var keyType = webidl.NewType("key", func(js *webidl.Realm, v goja.Value) (string, error) {
	key, err := webidl.USVString.Convert(js, v)
	if err == nil {
		err = checkKey(key)
	}
	return key, err
})

// checkKey refuses what is refused before anything is asked for, as Workers do.
func checkKey(key string) error {
	switch key {
	case "":
		return webidl.TypeError("Key name cannot be empty.")
	case ".", "..":
		return webidl.TypeError("\"%s\" is not allowed as a key name.", key)
	}
	return nil
}

var keyList = webidl.Sequence(webidl.USVString)

var keysType = webidl.NewType("key or keys", func(js *webidl.Realm, v goja.Value) (keys, error) {
	if o, ok := v.(*goja.Object); ok && webidl.IsArray(o) {
		names, err := keyList.Convert(js, v)
		return keys{names, true}, err
	}
	key, err := keyType.Convert(js, v)
	return keys{names: []string{key}}, err
})

// A read is the second argument of get: a type, or options that hold one.
type read struct {
	as       string
	cacheTTL webidl.Opt[float64]
}

var readKind = webidl.Enum("KVNamespaceGetType", "text", "json", "arrayBuffer", "stream")

var readDict = webidl.Dict("KVNamespaceGetOptions", read{as: "text"},
	webidl.Has("type", readKind, func(r *read) *string { return &r.as }),
	webidl.May("cacheTtl", webidl.UnrestrictedDouble, func(r *read) *webidl.Opt[float64] { return &r.cacheTTL }),
)

var readOptions = webidl.Default(webidl.NewType("KVNamespaceGetOptions", func(js *webidl.Realm, v goja.Value) (read, error) {
	if _, ok := v.(*goja.Object); ok || goja.IsNull(v) {
		return readDict.Convert(js, v)
	}
	as, err := readKind.Convert(js, v)
	if err != nil {
		err = webidl.TypeError("Unknown response type. Possible types are \"text\", \"arrayBuffer\", \"json\", and \"stream\".")
	}
	return read{as: as}, err
}), read{as: "text"})

// minCacheTTL is the least cacheTtl in seconds. There is one copy of the data, always
// current, so the value has no other effect.
const minCacheTTL = 30

func (r read) check() error {
	if r.cacheTTL.Set && !(r.cacheTTL.Value >= minCacheTTL) {
		return webidl.PlainError("KV GET failed: 400 Invalid cache_ttl of %v. Cache TTL must be at least %d.", r.cacheTTL.Value, minCacheTTL)
	}
	return nil
}

// get: https://developers.cloudflare.com/kv/api/read-key-value-pairs/
func (n *namespace) get(js *webidl.Realm, k keys, r read) (*webidl.Promise, error) {
	return n.read(js, k, r, func(js *webidl.Realm, e outside.KVEntry) (goja.Value, error) { return value(js, e, r.as) })
}

func (n *namespace) getWithMetadata(js *webidl.Realm, k keys, r read) (*webidl.Promise, error) {
	return n.read(js, k, r, func(js *webidl.Realm, e outside.KVEntry) (goja.Value, error) {
		v, err := value(js, e, r.as)
		if err != nil {
			return nil, err
		}
		metadata := goja.Null()
		if e.Metadata != nil {
			if metadata, err = fetch.ParseJSON(js, e.Metadata); err != nil {
				return nil, err
			}
		}
		o := js.VM.NewObject()
		for _, p := range []struct {
			name  string
			value goja.Value
		}{{"value", v}, {"metadata", metadata}, {"cacheStatus", goja.Null()}} {
			if err := o.Set(p.name, p.value); err != nil {
				return nil, err
			}
		}
		return o, nil
	})
}

// read asks for keys and resolves with what one makes of an entry, or with a Map of
// that for a bulk read.
func (n *namespace) read(js *webidl.Realm, k keys, r read, one func(*webidl.Realm, outside.KVEntry) (goja.Value, error)) (*webidl.Promise, error) {
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	if k.bulk && r.as != "text" && r.as != "json" {
		return nil, webidl.PlainError("KV GET_BULK failed: 400 \"%s\" is not a valid type. Use \"json\" or \"text\"", r.as)
	}
	if err := inv.KVOperation(isolate.KVRead); err != nil {
		return nil, err
	}
	out, call := inv.Outside(), inv.Call()
	if memory, ok := out.(outside.KVMemory); ok && !k.bulk {
		// What is at hand costs no goroutine and no further turn.
		if e, ok := memory.KVCached(call, n.binding, k.names[0]); ok {
			v, err := one(js, e)
			if err != nil {
				return webidl.Rejected(js, err), nil
			}
			return webidl.Resolved(js, v), nil
		}
	}
	return webidl.Await(js, func(ctx context.Context) ([]outside.KVEntry, error) {
		return out.KVGet(ctx, call, n.binding, k.names, k.bulk)
	}, func(js *webidl.Realm, entries []outside.KVEntry) (goja.Value, error) {
		if !k.bulk {
			return one(js, entries[0])
		}
		result := js.NewMap()
		for i, e := range entries {
			v, err := one(js, e)
			if err != nil {
				return nil, err
			}
			result.Set(js.String(k.names[i]), v)
		}
		return result.Object, nil
	}), nil
}

func value(js *webidl.Realm, e outside.KVEntry, as string) (goja.Value, error) {
	if !e.Found {
		return goja.Null(), nil
	}
	switch as {
	case "json":
		return fetch.ParseJSON(js, e.Value)
	case "arrayBuffer":
		return js.ArrayBuffer(append([]byte{}, e.Value...)), nil
	case "stream":
		return streams.NewFromBytes(js, e.Value).Wrap(js), nil
	}
	return js.String(fetch.DecodeUTF8(e.Value)), nil
}

// valueType is string, ArrayBuffer, ArrayBufferView or ReadableStream.
var valueType = webidl.NewType("value", func(js *webidl.Realm, v goja.Value) (outside.Body, error) {
	if s, ok := webidl.As[*streams.ReadableStream](v); ok {
		return streams.Body(js, s)
	}
	if b, ok := js.BytesOf(v); ok {
		return outside.Body{Bytes: append([]byte{}, b...)}, nil
	}
	if o, ok := v.(*goja.Object); ok && webidl.Unwrap(o) == nil {
		return outside.Body{}, webidl.TypeError("KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.")
	}
	return outside.Body{Bytes: append([]byte{}, v.ToString().String()...)}, nil
})

type write struct {
	expiration, ttl webidl.Opt[float64]
	metadata        goja.Value
}

var writeOptions = webidl.Dict("KVNamespacePutOptions", write{},
	webidl.May("expiration", webidl.UnrestrictedDouble, func(w *write) *webidl.Opt[float64] { return &w.expiration }),
	webidl.May("expirationTtl", webidl.UnrestrictedDouble, func(w *write) *webidl.Opt[float64] { return &w.ttl }),
	webidl.Has("metadata", webidl.Any, func(w *write) *goja.Value { return &w.metadata }),
)

// put: https://developers.cloudflare.com/kv/api/write-key-value-pairs/
func (n *namespace) put(js *webidl.Realm, key string, body outside.Body, w write) (*webidl.Promise, error) {
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	p := outside.KVPut{Key: key, Value: body.Bytes}
	if p.Expiration, err = seconds("expiration", w.expiration); err != nil {
		return nil, err
	}
	if p.ExpirationTTL, err = seconds("expiration_ttl", w.ttl); err != nil {
		return nil, err
	}
	if w.metadata != nil && !goja.IsNull(w.metadata) {
		if p.Metadata, err = fetch.StringifyJSON(js, w.metadata); err != nil {
			return nil, err
		}
	}
	if err := inv.KVOperation(isolate.KVWrite); err != nil {
		return nil, err
	}
	out, call := inv.Outside(), inv.Call()
	return webidl.Await(js, func(ctx context.Context) (struct{}, error) {
		if body.Stream != nil {
			defer body.Stream.Close()
			data, err := io.ReadAll(io.LimitReader(body.Stream, MaxValue+1))
			if err != nil {
				return struct{}{}, err
			}
			p.Value = data
		}
		return struct{}{}, out.KVPut(ctx, call, n.binding, p)
	}, nil), nil
}

// seconds checks an expiration: 0 is "none" inside, so a script's own 0 is an error here.
func seconds(name string, o webidl.Opt[float64]) (int64, error) {
	if !o.Set {
		return 0, nil
	}
	if n := int64(o.Value); float64(n) == o.Value && n > 0 {
		return n, nil
	}
	return 0, webidl.PlainError("KV PUT failed: 400 Invalid %s of %v. Please specify integer greater than 0.", name, o.Value)
}

// delete: https://developers.cloudflare.com/kv/api/delete-key-value-pairs/
func (n *namespace) delete(js *webidl.Realm, k keys) (*webidl.Promise, error) {
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	if err := inv.KVOperation(isolate.KVDelete); err != nil {
		return nil, err
	}
	out, call := inv.Outside(), inv.Call()
	return webidl.Await(js, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, out.KVDelete(ctx, call, n.binding, k.names)
	}, nil), nil
}

var listOptions = webidl.Dict("KVNamespaceListOptions", outside.KVList{},
	webidl.Has("prefix", nullable, func(l *outside.KVList) *string { return &l.Prefix }),
	webidl.Has("cursor", nullable, func(l *outside.KVList) *string { return &l.Cursor }),
	webidl.Has("limit", limitType, func(l *outside.KVList) *int { return &l.Limit }),
)

var nullable = webidl.NewType("string?", func(js *webidl.Realm, v goja.Value) (string, error) {
	if goja.IsNull(v) {
		return "", nil
	}
	return webidl.USVString.Convert(js, v)
})

var limitType = webidl.NewType("limit", func(js *webidl.Realm, v goja.Value) (int, error) {
	n := v.ToNumber().ToFloat()
	if n != n || n < 1 || n != float64(int(n)) {
		return 0, webidl.PlainError("KV LIST failed: 400 Invalid key_count_limit of %v. Please specify an integer greater than 0.", n)
	}
	return int(n), nil
})

// list: https://developers.cloudflare.com/kv/api/list-keys/
func (n *namespace) list(js *webidl.Realm, l outside.KVList) (*webidl.Promise, error) {
	inv, err := isolate.Need(js)
	if err != nil {
		return nil, err
	}
	if err := inv.KVOperation(isolate.KVList); err != nil {
		return nil, err
	}
	out, call := inv.Outside(), inv.Call()
	return webidl.Await(js, func(ctx context.Context) (*outside.KVPage, error) {
		return out.KVList(ctx, call, n.binding, l)
	}, page), nil
}

func page(js *webidl.Realm, p *outside.KVPage) (goja.Value, error) {
	list := make([]any, len(p.Keys))
	for i, k := range p.Keys {
		o := js.VM.NewObject()
		if err := o.Set("name", k.Name); err != nil {
			return nil, err
		}
		if k.Expiration != 0 {
			if err := o.Set("expiration", k.Expiration); err != nil {
				return nil, err
			}
		}
		if k.Metadata != nil {
			v, err := fetch.ParseJSON(js, k.Metadata)
			if err != nil {
				return nil, err
			}
			if err := o.Set("metadata", v); err != nil {
				return nil, err
			}
		}
		list[i] = o
	}
	o := js.VM.NewObject()
	if err := o.Set("keys", js.VM.NewArray(list...)); err != nil {
		return nil, err
	}
	if err := o.Set("list_complete", p.Complete); err != nil {
		return nil, err
	}
	if !p.Complete {
		if err := o.Set("cursor", p.Cursor); err != nil {
			return nil, err
		}
	}
	return o, o.Set("cacheStatus", goja.Null())
}
