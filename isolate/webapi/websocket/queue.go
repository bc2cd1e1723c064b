package websocket

import (
	"context"
	"sync"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A queue holds what a worker has sent until it goes out. Its methods may be called from
// any goroutine, next from one.
type queue struct {
	mu       sync.Mutex
	messages []outside.Message
	bytes    int                 // of messages, and of the one that next gave last
	taken    int                 // of that one
	end      *outside.CloseError // after the messages
	wake     chan struct{}       // holds one token when there is something to take
}

func newQueue() queue { return queue{wake: make(chan struct{}, 1)} }

// push appends a message. It does nothing after shut: as with any WebSocket, what is sent
// then is lost. It returns false if the other side is too slow to take any more.
func (q *queue) push(m outside.Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.end != nil {
		return true
	}
	if q.bytes+len(m.Data) > MaxQueued {
		return false
	}
	q.messages = append(q.messages, m)
	q.bytes += len(m.Data)
	q.signal()
	return true
}

// shut ends the queue.
func (q *queue) shut(end *outside.CloseError) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.end == nil {
		q.end = end
		q.signal()
	}
}

// buffered is how many bytes have not gone out yet.
func (q *queue) buffered() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next waits for the next message, the one before having gone out. After the last it
// returns the *outside.CloseError that ends the queue. ended, when it is done, ends it too.
func (q *queue) next(ctx, ended context.Context) (outside.Message, error) {
	for {
		q.mu.Lock()
		q.bytes -= q.taken
		q.taken = 0
		if len(q.messages) > 0 {
			m := q.messages[0]
			q.messages[0] = outside.Message{}
			q.messages = q.messages[1:]
			q.taken = len(m.Data)
			q.mu.Unlock()
			return m, nil
		}
		end := q.end
		q.mu.Unlock()
		if end != nil {
			return outside.Message{}, end
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return outside.Message{}, context.Cause(ctx)
		case <-ended.Done():
			// The worker is gone without a close of its own.
			q.shut(&outside.CloseError{Code: 1011, Reason: "the worker has ended"})
		}
	}
}
