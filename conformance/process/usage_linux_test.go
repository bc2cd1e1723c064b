package process

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	s, err := parseStat([]byte("42 (a) b (c) S 7 1 1 0 -1 4194560 100 0 0 0 100 20 3 4 20 0 9 0 12345 999999 50 18446744073709551615 1 1"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (stat{parent: 7, cpu: 1270 * time.Millisecond, rss: 50 * int64(os.Getpagesize()), threads: 9}); s != want {
		t.Errorf("got %+v, want %+v", s, want)
	}
	for _, bad := range []string{"", "1 (x", "1 (x) S 1 2 3", "1 (x) S a" + strings.Repeat(" 1", 30)} {
		if _, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("42 (a) S 7 1 1 0 -1 4194560 100 0 0 0 100 20 3 4 20 0 9 0 12345 999999 50 18446744073709551615 1 1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseStat(b)
		if err != nil && s != (stat{}) {
			t.Errorf("%+v with %v", s, err)
		}
	})
}

func TestRead(t *testing.T) {
	u, err := Read(os.Getpid())
	if err != nil || u.RSS <= 0 || u.Threads < 1 || u.Files < 3 || u.Processes != 1 || u.RootMemory <= 0 || u.RootMemory > u.RSS || u.RootThreads != u.Threads {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := Read(1 << 30); err == nil {
		t.Error("a process that cannot be has a usage")
	}
}
