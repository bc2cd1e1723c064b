package streams

import "math"

// fifo is a queue that reuses its memory. Its zero value is empty.
type fifo[T any] struct {
	items []T
	head  int
}

func (q *fifo[T]) len() int { return len(q.items) - q.head }

func (q *fifo[T]) push(v T) {
	if q.head > 32 && q.head > len(q.items)/2 {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, v)
}

// first returns the oldest item, which stays in the queue.
func (q *fifo[T]) first() *T { return &q.items[q.head] }

func (q *fifo[T]) shift() T {
	var none T
	v := q.items[q.head]
	q.items[q.head] = none
	q.head++
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return v
}

// take empties the queue and returns what was in it.
func (q *fifo[T]) take() []T {
	items := q.items[q.head:]
	*q = fifo[T]{}
	return items
}

// sizedQueue is the standard's queue-with-sizes: https://streams.spec.whatwg.org/#queue-with-sizes
type sizedQueue[T any] struct {
	queue fifo[sized[T]]
	total float64
}

type sized[T any] struct {
	value T
	size  float64
}

// enqueue reports whether size is one that a chunk may have: https://streams.spec.whatwg.org/#enqueue-value-with-size
func (q *sizedQueue[T]) enqueue(v T, size float64) bool {
	if !(size >= 0) || math.IsInf(size, 1) {
		return false
	}
	q.queue.push(sized[T]{v, size})
	q.total += size
	return true
}

// dequeue is https://streams.spec.whatwg.org/#dequeue-value
func (q *sizedQueue[T]) dequeue() T {
	v := q.queue.shift()
	q.total -= v.size
	if q.total < 0 { // rounding
		q.total = 0
	}
	return v.value
}

func (q *sizedQueue[T]) peek() T { return q.queue.first().value }

func (q *sizedQueue[T]) len() int { return q.queue.len() }

// reset is https://streams.spec.whatwg.org/#reset-queue
func (q *sizedQueue[T]) reset() { *q = sizedQueue[T]{} }
