package streams

import (
	"math"
	"testing"
)

func TestFifo(t *testing.T) {
	var q fifo[int]
	next, want := 0, 0
	for round := range 1000 {
		for range round % 7 {
			q.push(next)
			next++
		}
		for range min(round%5, q.len()) {
			if *q.first() != want {
				t.Fatalf("first is %d, want %d", *q.first(), want)
			}
			if got := q.shift(); got != want {
				t.Fatalf("got %d, want %d", got, want)
			}
			want++
		}
		if q.len() != next-want {
			t.Fatalf("length is %d, want %d", q.len(), next-want)
		}
	}
	for _, got := range q.take() {
		if got != want {
			t.Fatalf("took %d, want %d", got, want)
		}
		want++
	}
	if q.len() != 0 || want != next {
		t.Error("take left something")
	}
}

func TestSizedQueue(t *testing.T) {
	var q sizedQueue[string]
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		if q.enqueue("x", bad) {
			t.Errorf("size %v was taken", bad)
		}
	}
	small, smaller := 0.2, 0.1
	q.enqueue("a", smaller)
	q.enqueue("b", small)
	q.enqueue("c", math.Copysign(0, -1))
	if q.total != small+smaller {
		t.Error(q.total)
	}
	if q.peek() != "a" || q.dequeue() != "a" || q.dequeue() != "b" || q.dequeue() != "c" {
		t.Error("wrong order")
	}
	if q.total < 0 || q.len() != 0 {
		t.Error(q.total, q.len())
	}
}
