package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// maxCalls bounds the calls that a child has under way.
const maxCalls = 20_000

// answering is a call of a child's that is being answered.
type answering struct {
	child  *child
	id     uint32
	cancel context.CancelCauseFunc
	held   bool // the body of the answer is still to be read
}

// called takes a call. It runs on the link's reading goroutine.
func (c *child) called(id uint32, d *decoder) error {
	event, what := uint32(d.uint()), call(d.byte())
	if d.bad {
		return errMalformed
	}
	if what == callBundle {
		number := uint32(d.uint())
		go c.sendBundle(id, number)
		return d.done()
	}
	c.mu.Lock()
	f := c.flights[event]
	full := len(c.calls) >= maxCalls
	c.mu.Unlock()
	if full {
		return errors.New("too many calls are under way")
	}
	if f == nil {
		c.reply(id, nil, errEventEnded)
		return nil
	}
	ctx, cancel := context.WithCancelCause(f.context())
	a := &answering{child: c, id: id, cancel: cancel}
	c.mu.Lock()
	c.calls[id] = a
	c.mu.Unlock()
	go a.run(ctx, f, what, d)
	return nil
}

// reply answers a call.
func (c *child) reply(id uint32, result []byte, err error) {
	c.link.send(kReply, id, appendResult(result, err))
}

// appendResult writes the answer to a call.
func appendResult(result []byte, err error) []byte {
	if err != nil {
		return appendError(appendBool(nil, false), err)
	}
	return append(appendBool(make([]byte, 0, len(result)+1), true), result...)
}

func (c *child) sendBundle(id, number uint32) {
	c.mu.Lock()
	s := c.numbers[number]
	c.mu.Unlock()
	if s == nil {
		c.reply(id, nil, fmt.Errorf("version %d is retired", number))
		return
	}
	bundle, err := s.version.Bundle(context.Background())
	if err != nil {
		c.reply(id, nil, err)
		return
	}
	b, err := appendBundle(nil, bundle)
	c.reply(id, b, err)
}

// run answers the call. It is a goroutine.
func (a *answering) run(ctx context.Context, f *flight, what call, d *decoder) {
	b, start, err := a.perform(ctx, f, what, d)
	if d.bad {
		err = errMalformed
	}
	a.child.link.sendAndWait(kReply, a.id, appendResult(b, err))
	if start != nil {
		start()
	}
	if !a.held {
		a.done()
	}
}

// done forgets the call.
func (a *answering) done() {
	a.cancel(errEventEnded)
	a.child.mu.Lock()
	delete(a.child.calls, a.id)
	a.child.mu.Unlock()
}

// perform does what is asked. start, if not nil, begins what follows the reply.
func (a *answering) perform(ctx context.Context, f *flight, what call, d *decoder) (b []byte, start func(), err error) {
	l, out, on := a.child.link, f.event.Outside, &f.event.Call
	name := d.string() // of the binding or the cache; "" for fetch()
	switch what {
	case callKVGet:
		keys, bulk := d.strings(), d.bool()
		if d.done() != nil || len(keys) == 0 {
			return nil, nil, errMalformed
		}
		var entries []outside.KVEntry
		var mark outside.KVMark
		var err error
		if marked, ok := out.(outside.KVMarked); ok && !bulk && len(keys) == 1 {
			entries = make([]outside.KVEntry, 1)
			entries[0], mark, err = marked.KVGetMarked(ctx, on, name, keys[0])
		} else {
			entries, err = out.KVGet(ctx, on, name, keys, bulk)
		}
		b = appendUint(appendEntries(nil, entries), uint64(mark.Number))
		return appendUint(b, mark.Count), nil, err
	case callKVPut:
		put := d.put()
		if d.done() != nil {
			return nil, nil, errMalformed
		}
		return nil, nil, out.KVPut(ctx, on, name, put)
	case callKVDelete:
		keys := d.strings()
		if d.done() != nil {
			return nil, nil, errMalformed
		}
		return nil, nil, out.KVDelete(ctx, on, name, keys)
	case callKVList:
		list := d.list()
		if d.done() != nil {
			return nil, nil, errMalformed
		}
		page, err := out.KVList(ctx, on, name, list)
		if err != nil {
			return nil, nil, err
		}
		return appendPage(nil, page), nil, nil
	case callRPC:
		method, args := d.string(), d.bytes()
		if d.done() != nil {
			return nil, nil, errMalformed
		}
		result, err := out.RPC(ctx, on, name, method, args)
		return appendBytes(nil, result), nil, err
	case callFetch, callService, callCacheMatch, callCachePut, callCacheDelete:
	default:
		return nil, nil, fmt.Errorf("the unknown call %d", what)
	}
	req := l.request(d)
	var stored *outside.Response
	if what == callCachePut {
		stored = l.response(d)
	}
	if d.done() != nil {
		return nil, nil, errMalformed
	}
	var res *outside.Response
	switch what {
	case callFetch:
		res, err = out.Fetch(ctx, on, req)
	case callService:
		res, err = out.Service(ctx, on, name, req)
	case callCacheMatch:
		res, err = out.CacheMatch(ctx, on, name, req)
	case callCachePut:
		return nil, nil, out.CachePut(ctx, on, name, req, stored)
	case callCacheDelete:
		found, err := out.CacheDelete(ctx, on, name, req)
		return appendBool(nil, found), nil, err
	}
	if err != nil {
		return nil, nil, err
	}
	if res == nil {
		return appendBool(nil, false), nil, nil
	}
	return a.response(ctx, res)
}

// response writes a response whose body and socket may outlive the call.
func (a *answering) response(ctx context.Context, res *outside.Response) ([]byte, func(), error) {
	l := a.child.link
	b, body := l.appendResponse(appendBool(make([]byte, 0, 512), true), res)
	b, lend := l.appendSocket(b, ctx, res.Socket, true)
	if body != nil && lend != nil {
		body.stop()
	}
	if body == nil && lend == nil {
		return b, nil, nil
	}
	a.held = true
	return b, func() {
		if lend != nil { // a response with a socket has no body
			stop := context.AfterFunc(ctx, func() { _ = res.Socket.Close(1006, "") })
			lend(func() {
				stop()
				a.done()
			})
			return
		}
		// When nobody wants the body any more, or the event has ended.
		stop := context.AfterFunc(ctx, body.stop)
		body.after = func() {
			stop()
			a.done()
		}
		go body.pump()
	}, nil
}
