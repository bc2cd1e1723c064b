package streams

import (
	"bytes"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
)

// slow is a source that yields its bytes in pieces of any size.
type slow struct {
	mu     sync.Mutex
	random *rand.Rand
	left   []byte
	closed int
}

func (s *slow) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := min(1+s.random.IntN(300), len(p), len(s.left))
	copy(p, s.left[:n])
	s.left = s.left[n:]
	return n, nil
}

func (s *slow) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed++
	return nil
}

func TestSplit(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		content := make([]byte, random.IntN(100000))
		for i := range content {
			content[i] = byte(random.Uint32())
		}
		source := &slow{random: random, left: content}
		a, b := split(source)
		var wait sync.WaitGroup
		for i, r := range []io.ReadCloser{a, b} {
			wait.Go(func() {
				var got []byte
				p := make([]byte, 100+i*1000)
				for {
					n, err := r.Read(p)
					got = append(got, p[:n]...)
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Error(err)
						break
					}
				}
				if !bytes.Equal(got, content) {
					t.Errorf("seed %d: branch %d got other bytes", seed, i)
				}
				r.Close()
			})
		}
		wait.Wait()
		if source.closed != 1 {
			t.Errorf("source was closed %d times", source.closed)
		}
	}
}

func TestSplitOneClosed(t *testing.T) {
	a, b := split(&slow{random: rand.New(rand.NewPCG(1, 1)), left: []byte("hello")})
	a.Close()
	if _, err := a.Read(make([]byte, 1)); err == nil {
		t.Error("read of a closed branch succeeded")
	}
	if got, err := io.ReadAll(b); string(got) != "hello" || err != nil {
		t.Error(string(got), err)
	}
}
