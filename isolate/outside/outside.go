package outside

import (
	"context"
	"fmt"
)

// A Call says on whose behalf something outside is asked for.
type Call struct {
	// Invocation is the id of the invocation, unique within the server (the request id).
	Invocation string
	// Hops is how many workers the request has passed through, this one included.
	Hops int
	// Traceparent is the W3C trace context of the invocation, or "".
	Traceparent string
}

// Outside is what one loaded worker version may reach. Implementations know that
// version's bindings: the isolate names a binding, never the resource behind it,
// so a worker cannot reach what is not bound to it.
//
// Methods may be called from any goroutine, block until answered, and end early
// with the context's error. A failure a script should see is an *Error.
type Outside interface {
	// Fetch performs an outbound request for the global fetch(): redirects by
	// req.Redirect, decompression unless KeepEncoding, private networks refused.
	Fetch(ctx context.Context, call *Call, req *Request) (*Response, error)
	// Service sends req to the worker or assets behind a service binding.
	Service(ctx context.Context, call *Call, binding string, req *Request) (*Response, error)
	// RPC calls method on the entrypoint behind a service binding. Arguments and
	// result are in the structured clone's serialised form.
	RPC(ctx context.Context, call *Call, binding, method string, args []byte) ([]byte, error)

	KV
	Cache

	// Log passes one console line on as it happens; it must not block.
	Log(call *Call, line *LogLine)
	// Report closes an invocation; it is called exactly once for each and must not block.
	Report(r *Report)
}

// KV is the part of Outside behind env.NAMESPACE.
type KV interface {
	// KVGet answers one KVEntry for each key in order; a missing or expired key
	// has Found false. bulk marks a get of an array of keys, whose limits differ.
	KVGet(ctx context.Context, call *Call, binding string, keys []string, bulk bool) ([]KVEntry, error)
	KVPut(ctx context.Context, call *Call, binding string, put KVPut) error
	KVDelete(ctx context.Context, call *Call, binding string, keys []string) error
	KVList(ctx context.Context, call *Call, binding string, list KVList) (*KVPage, error)
}

// KVMemory is what an Outside has, beside KV, that can answer some reads at once.
type KVMemory interface {
	// KVCached answers what KVGet of one key would. ok is false when KVGet has to be
	// asked. It must not block: it is called in a turn.
	KVCached(call *Call, binding, key string) (e KVEntry, ok bool)
}

// KVMarked is what an Outside has, beside KV, whose entries may be kept elsewhere.
type KVMarked interface {
	// KVGetMarked is KVGet of one key.
	KVGetMarked(ctx context.Context, call *Call, binding, key string) (KVEntry, KVMark, error)
}

// A KVMark says how long an entry may be kept: while the count of the mark of that
// number, in memory that host processes see, is Count. The number of the zero KVMark is
// 0: its entry may not be kept. Others count from 1.
type KVMark struct {
	Number uint32
	Count  uint64
}

// A KVEntry is what a key holds.
type KVEntry struct {
	Found    bool
	Value    []byte // read only: it may be shared
	Metadata []byte // JSON text, or nil
}

// A KVPut writes one key. The zero Expiration and ExpirationTTL mean "none";
// when both are set the TTL wins.
type KVPut struct {
	Key           string
	Value         []byte
	Metadata      []byte // JSON text, or nil
	Expiration    int64  // seconds since the epoch
	ExpirationTTL int64  // seconds from now
}

// A KVList asks for one page of keys.
type KVList struct {
	Prefix string
	Limit  int // 0 means 1000
	Cursor string
}

// A KVPage is one page of keys in UTF-8 byte order. A page may be empty although
// Complete is false.
type KVPage struct {
	Keys     []KVKey
	Complete bool
	Cursor   string // for the next page; "" when Complete
}

// A KVKey is one listed key.
type KVKey struct {
	Name       string
	Expiration int64  // seconds since the epoch, 0 for none
	Metadata   []byte // JSON text, or nil
}

// Cache is the part of Outside behind caches.default and caches.open(name). The
// default cache has the name "".
type Cache interface {
	// CacheMatch answers nil, nil on a miss.
	CacheMatch(ctx context.Context, call *Call, cache string, req *Request) (*Response, error)
	CachePut(ctx context.Context, call *Call, cache string, req *Request, res *Response) error
	CacheDelete(ctx context.Context, call *Call, cache string, req *Request) (bool, error)
}

// An Error is a failure that a script may see.
type Error struct {
	Kind ErrorKind
	// Status is the HTTP status of the failed operation where it has one, else 0.
	Status  int
	Message string
}

func (e *Error) Error() string { return e.Message }

// Errorf makes an *Error without a status.
func Errorf(kind ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// An ErrorKind tells which JavaScript exception an *Error becomes.
type ErrorKind uint8

const (
	KindError   ErrorKind = iota // Error
	KindType                     // TypeError
	KindRange                    // RangeError
	KindAbort                    // DOMException AbortError
	KindTimeout                  // DOMException TimeoutError
	KindNetwork                  // TypeError "Network connection lost" and the like
)

// A CloseError ends Socket.Read.
type CloseError struct {
	Code   int // 1005 when the frame had none, 1006 when there was no close frame
	Reason string
}

func (e *CloseError) Error() string { return fmt.Sprintf("WebSocket closed: %d %s", e.Code, e.Reason) }
