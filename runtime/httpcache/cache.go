package httpcache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A Config holds the limits of a Cache. The zero value is a good default.
type Config struct {
	// MaxBytes bounds the whole cache, headers and keys included. 0 means 256 MiB.
	MaxBytes int64
	// MaxBody is the largest body that is stored; a larger one is put without
	// effect, as on Workers. 0 means 32 MiB, or MaxBytes if that is less.
	MaxBody int64
	// MaxVariants is how many responses one URL may have by Vary; the oldest goes
	// first. 0 means 32.
	MaxVariants int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Validate reports the first field that cannot work.
func (c *Config) Validate() error {
	switch {
	case c.MaxBytes < 0:
		return fmt.Errorf("httpcache: MaxBytes is %d; use 0 for the default", c.MaxBytes)
	case c.MaxBody < 0:
		return fmt.Errorf("httpcache: MaxBody is %d; use 0 for the default", c.MaxBody)
	case c.MaxVariants < 0:
		return fmt.Errorf("httpcache: MaxVariants is %d; use 0 for the default", c.MaxVariants)
	case c.MaxBytes > 0 && c.MaxBody > c.MaxBytes:
		return fmt.Errorf("httpcache: MaxBody is %d, which is more than MaxBytes, %d", c.MaxBody, c.MaxBytes)
	}
	return nil
}

// A Cache stores responses. Make it with New.
type Cache struct {
	cfg Config

	mu    sync.Mutex
	index *simplelru.LRU[key, *entry]
	bytes int64
}

// A key names the responses to one URL in one cache of one account.
type key struct{ account, cache, url string }

// An entry holds the variants of one URL, the newest last.
type entry struct {
	variants []*stored
	size     int64
}

// stored is one response. It never changes.
type stored struct {
	vary    []outside.Field // the request fields that select it
	status  int
	text    string
	header  []outside.Field // without age
	body    []byte          // nil for none
	keep    bool
	size    int64
	born    time.Time // when it was, or would have been, made by its origin
	expires time.Time
}

// New makes an empty Cache.
func New(cfg Config) (*Cache, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = 256 << 20
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = min(32<<20, cfg.MaxBytes)
	}
	if cfg.MaxVariants == 0 {
		cfg.MaxVariants = 32
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &Cache{cfg: cfg}
	var err error
	// Bytes are what bounds the cache, not the number of entries.
	c.index, err = simplelru.NewLRU(math.MaxInt32, func(_ key, e *entry) { c.bytes -= e.size })
	return c, err
}

// Bytes is how much of MaxBytes is in use.
func (c *Cache) Bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// Len is the number of URLs that have an entry.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.index.Len()
}

// An Account is the part of a Cache that one account sees. Its methods are those
// of outside.Cache. The zero Account has no cache and must not be used.
type Account struct {
	cache *Cache
	name  string
}

var _ outside.Cache = Account{}

// Account is the caches of the named account.
func (c *Cache) Account(name string) Account { return Account{c, name} }

// Purge forgets everything the account has stored.
func (a Account) Purge() {
	c := a.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.index.Keys() {
		if k.account == a.name {
			c.index.Remove(k)
		}
	}
}

// CacheMatch answers the response stored for req, nil if there is none that is
// fresh. A request with a range gets 206 or 416, one with a condition may get 304.
// Only GET requests match: ignoreMethod is the caller's, who asks for a GET then.
// The body's bytes are shared and must not be changed.
func (a Account) CacheMatch(_ context.Context, _ *outside.Call, cache string, req *outside.Request) (*outside.Response, error) {
	if req.Method != "GET" {
		return nil, nil
	}
	now := a.cache.cfg.Now()
	s := a.cache.find(key{a.name, cache, withoutFragment(req.URL)}, req.Header, now)
	if s == nil {
		return nil, nil
	}
	return s.answer(req.Header, now), nil
}

// CachePut stores res as the answer to req. What may not be cached is an
// *outside.Error for requests that are not GET, status 206 and Vary: *; any other
// response that says it is not to be stored, or is too large, is put without
// effect, as on Workers. The body is read to its end or closed.
func (a Account) CachePut(ctx context.Context, _ *outside.Call, cache string, req *outside.Request, res *outside.Response) error {
	defer res.Body.Close()
	switch {
	case req.Method != "GET":
		return outside.Errorf(outside.KindType, "Cannot cache response to non-GET request.")
	case res.Status == 206:
		return outside.Errorf(outside.KindType, "Cannot cache response to a range request (206 Partial Content).")
	case res.Socket != nil:
		return outside.Errorf(outside.KindType, "Cannot cache WebSocket upgrade response.")
	}
	vary, ok := selectors(res.Header, req.Header)
	if !ok {
		return outside.Errorf(outside.KindType, "Cannot cache response with 'Vary: *' header.")
	}
	c := a.cache
	now := c.cfg.Now()
	p := judge(res, now)
	if !p.store || res.Body.Len() > c.cfg.MaxBody {
		return nil
	}
	body, ok, err := readBody(ctx, res.Body, c.cfg.MaxBody)
	if err != nil || !ok {
		return err
	}
	s := &stored{vary: vary, status: res.Status, text: strings.Clone(res.StatusText), body: body, keep: res.KeepEncoding,
		born: p.born, expires: p.expires}
	for _, f := range res.Header {
		name := strings.ToLower(f.Name)
		if name == "age" || name == "cf-cache-status" || slices.Contains(p.hidden, name) {
			continue
		}
		// Copies, lest a few bytes keep a whole message head alive.
		s.header = append(s.header, outside.Field{Name: strings.Clone(name), Value: strings.Clone(f.Value)})
	}
	c.add(key{a.name, strings.Clone(cache), strings.Clone(withoutFragment(req.URL))}, s)
	return nil
}

// CacheDelete removes what CacheMatch would answer for req, and its other
// variants, and reports whether there was something.
func (a Account) CacheDelete(_ context.Context, _ *outside.Call, cache string, req *outside.Request) (bool, error) {
	if req.Method != "GET" {
		return false, nil
	}
	c := a.cache
	k := key{a.name, cache, withoutFragment(req.URL)}
	now := c.cfg.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.index.Peek(k)
	if !ok {
		return false, nil
	}
	fresh := slices.ContainsFunc(e.variants, func(s *stored) bool { return now.Before(s.expires) })
	c.index.Remove(k)
	return fresh, nil
}

func withoutFragment(url string) string {
	url, _, _ = strings.Cut(url, "#")
	return url
}

// find is the newest fresh variant that header selects. Stale ones are forgotten.
func (c *Cache) find(k key, header []outside.Field, now time.Time) *stored {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.index.Get(k)
	if !ok {
		return nil
	}
	stale := false
	var found *stored
	for i := len(e.variants) - 1; i >= 0; i-- {
		s := e.variants[i]
		switch {
		case !now.Before(s.expires):
			stale = true
		case found == nil && s.selected(header):
			found = s
		}
	}
	if stale {
		c.replace(k, e, slices.DeleteFunc(slices.Clone(e.variants), func(s *stored) bool { return !now.Before(s.expires) }))
	}
	return found
}

// add stores s in place of the variant with the same selectors.
func (c *Cache) add(k key, s *stored) {
	s.size = int64(len(s.body)+len(s.text)) + fieldsSize(s.header) + fieldsSize(s.vary) + perResponse
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.index.Get(k)
	var kept []*stored
	if ok {
		kept = slices.DeleteFunc(slices.Clone(e.variants), func(o *stored) bool { return slices.Equal(o.vary, s.vary) })
		if over := len(kept) + 1 - c.cfg.MaxVariants; over > 0 {
			kept = kept[over:]
		}
	}
	c.replace(k, e, append(kept, s))
	for c.bytes > c.cfg.MaxBytes {
		if _, _, ok := c.index.RemoveOldest(); !ok {
			return
		}
	}
}

// Estimates of what an entry costs beside its text.
const (
	perResponse = 256
	perField    = 32
)

func fieldsSize(fields []outside.Field) (n int64) {
	for _, f := range fields {
		n += int64(len(f.Name)+len(f.Value)) + perField
	}
	return n
}

// replace gives k the variants; old is what it had, or nil. c.mu is held.
func (c *Cache) replace(k key, old *entry, variants []*stored) {
	if len(variants) == 0 {
		c.index.Remove(k)
		return
	}
	if old != nil {
		c.bytes -= old.size
	}
	e := &entry{variants: variants, size: int64(len(k.account) + len(k.cache) + len(k.url) + perResponse)}
	for _, s := range variants {
		e.size += s.size
	}
	c.bytes += e.size
	c.index.Add(k, e)
}

// readBody is the whole body; ok is false if it is larger than limit. A body that
// ends early is an error: half a response must not be stored.
func readBody(ctx context.Context, b outside.Body, limit int64) (body []byte, ok bool, err error) {
	if b.Stream == nil {
		if b.Bytes == nil {
			return nil, true, nil
		}
		if cap(b.Bytes)-len(b.Bytes) > 1<<10 {
			return bytes.Clone(b.Bytes), true, nil
		}
		return b.Bytes, true, nil
	}
	if b.Length >= 0 {
		body = make([]byte, 0, b.Length+1)
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, false, context.Cause(ctx)
		}
		if len(body) == cap(body) {
			body = slices.Grow(body, max(4<<10, len(body)/2))
		}
		n, err := b.Stream.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, false, nil
		case errors.Is(err, io.EOF):
			if b.Length >= 0 && int64(len(body)) != b.Length {
				return nil, false, outside.Errorf(outside.KindType, "The response body has %d bytes, but its length was given as %d.", len(body), b.Length)
			}
			return slices.Clip(body), true, nil
		case err != nil:
			return nil, false, err
		}
	}
}

// answer is s as the response to a request with the header.
func (s *stored) answer(header []outside.Field, now time.Time) *outside.Response {
	res := &outside.Response{Status: s.status, StatusText: s.text, KeepEncoding: s.keep}
	extra := []outside.Field{
		{Name: "age", Value: strconv.FormatInt(max(0, int64(now.Sub(s.born)/time.Second)), 10)},
		{Name: "cf-cache-status", Value: "HIT"},
	}
	if s.status == 200 {
		switch o := evaluate(s.header, header, len(s.body)); o.status {
		case 304:
			res.Status, res.StatusText = 304, ""
			res.Header = append(keepFor304(s.header), extra...)
			return res
		case 206, 416:
			res.Status, res.StatusText = o.status, ""
			for _, f := range s.header {
				if f.Name != "content-length" && f.Name != "content-range" && (o.status == 206 || f.Name != "content-encoding") {
					res.Header = append(res.Header, f)
				}
			}
			res.Header = append(append(res.Header, outside.Field{Name: "content-range", Value: o.contentRange}), extra...)
			res.Body.Bytes = []byte{}
			if o.status == 206 {
				res.Body.Bytes = s.body[o.start:o.end:o.end]
			}
			return res
		}
	}
	res.Header = slices.Concat(s.header, extra)
	res.Body.Bytes = s.body
	return res
}
