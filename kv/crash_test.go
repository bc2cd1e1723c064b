package kv

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

const (
	crashDir     = "MAYFLY_CRASH_DIR"   // set in the child: where its store is
	crashKills   = "MAYFLY_CRASH_KILLS" // how many times to kill it
	crashWriters = 6
	crashKeys    = 8 // of each writer
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		crashChild(dir, os.Getenv("MAYFLY_CRASH_ROUND"))
	}
	os.Exit(m.Run())
}

// crashValue is a value of which no part can pass for another.
func crashValue(writer int, seq uint64) []byte {
	rnd := rand.New(rand.NewPCG(uint64(writer), seq))
	size := []int{0, 40, 700, 5000, 70_000}[rnd.IntN(5)]
	b := make([]byte, 16, 20+size)
	binary.BigEndian.PutUint64(b, uint64(writer))
	binary.BigEndian.PutUint64(b[8:], seq)
	for range size {
		b = append(b, byte(rnd.Uint32()))
	}
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func crashSeq(b []byte) (seq uint64, ok bool) {
	if len(b) < 20 || crc32.ChecksumIEEE(b[:len(b)-4]) != binary.BigEndian.Uint32(b[len(b)-4:]) {
		return 0, false
	}
	return binary.BigEndian.Uint64(b[8:]), true
}

// crashChild writes for ever and prints "? writer key seq" before and "! writer key
// seq" after each write, seq being 0 for a delete. A pair of system records is always written together.
func crashChild(dir, round string) {
	base, _ := strconv.ParseUint(round, 10, 64)
	db, err := Open(Options{Dir: dir, WriteBuffer: 1 << 20, Reserve: -1})
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	fmt.Println("ready")
	var mu sync.Mutex
	say := func(args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(args...) // one write to the pipe
	}
	ns, ctx := db.Namespace("n"), context.Background()
	for w := range crashWriters {
		go func() {
			for i := uint64(1); ; i++ {
				seq, key := base<<32|i, int(i)%crashKeys
				if i%5 == 0 {
					seq = 0
				} else if i%5 == 1 {
					key = crashKeys // the pair
				}
				say("?", w, key, seq)
				var err error
				switch i % 5 {
				case 0:
					err = ns.Delete(ctx, fmt.Sprintf("%d-%d", w, key))
				case 1:
					err = db.Update(func(tx *Tx) error {
						v := crashValue(w, seq)
						return errors.Join(tx.Put("one", fmt.Sprint(w), v), tx.Put("two", fmt.Sprint(w), v))
					})
				default:
					err = ns.Put(ctx, Write{Key: fmt.Sprintf("%d-%d", w, key), Value: crashValue(w, seq), Metadata: []byte(fmt.Sprint(seq))})
				}
				if err != nil {
					say("error:", err)
					os.Exit(1)
				}
				say("!", w, key, seq)
			}
		}()
	}
	select {}
}

// TestCrash kills a process that is writing, over and over, and checks that the
// store has every acknowledged write and no half of any.
func TestCrash(t *testing.T) {
	kills := 20
	if s := os.Getenv(crashKills); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatalf("%s=%q is not a number", crashKills, s)
		}
	}
	dir := t.TempDir()
	type slot struct{ writer, key int }
	acked := map[slot]uint64{} // what must be there, 0 for nothing
	rnd := rand.New(rand.NewPCG(3, 4))
	total := 0
	for round := 1; round <= kills; round++ {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprint("MAYFLY_CRASH_ROUND=", round))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewReader(out)
		begun := map[slot]uint64{} // not acknowledged: may be there or not
		for n, stop := 0, 1+rnd.IntN(800); ; n++ {
			line, err := lines.ReadString('\n')
			if err == io.EOF {
				break // a line cut short says nothing
			}
			must(t, err)
			if line == "ready\n" {
				continue
			}
			var mark string
			var s slot
			var seq uint64
			if _, err := fmt.Sscan(line, &mark, &s.writer, &s.key, &seq); err != nil {
				t.Fatalf("round %d: the child says %q", round, line)
			}
			if mark == "?" {
				begun[s] = seq
			} else {
				delete(begun, s)
				acked[s] = seq
				total++
			}
			if n == stop {
				must(t, cmd.Process.Kill())
			}
		}
		_ = cmd.Wait()
		db, err := Open(Options{Dir: dir, WriteBuffer: 1 << 20, Maintenance: -1})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		var keys int64
		for w := range crashWriters {
			for k := range crashKeys + 1 {
				s := slot{w, k}
				var value []byte
				if k == crashKeys {
					one, err1 := get(t, db, "one", fmt.Sprint(w))
					two, err2 := get(t, db, "two", fmt.Sprint(w))
					if !bytes.Equal(one, two) || (err1 == nil) != (err2 == nil) {
						t.Fatalf("round %d: half a transaction of writer %d (%v, %v)", round, w, err1, err2)
					}
					value = one
				} else {
					e, err := db.Namespace("n").Get(context.Background(), fmt.Sprintf("%d-%d", w, k))
					must(t, err)
					if value = e.Value; e.Found {
						keys++
						if seq, ok := crashSeq(value); !ok || string(e.Metadata) != fmt.Sprint(seq) {
							t.Fatalf("round %d: half a value of %v", round, s)
						}
					}
				}
				var seq uint64
				if value != nil {
					var ok bool
					if seq, ok = crashSeq(value); !ok {
						t.Fatalf("round %d: half a value of %v", round, s)
					}
				}
				if cut, ok := begun[s]; seq != acked[s] && !(ok && seq == cut) {
					t.Fatalf("round %d: %v is %x, acknowledged %x, begun %x (%v)", round, s, seq, acked[s], cut, ok)
				}
				acked[s] = seq
			}
		}
		if u, err := db.Namespace("n").Usage(context.Background()); err != nil || u.Keys != keys {
			t.Fatalf("round %d: usage says %+v, there are %d keys (%v)", round, u, keys, err)
		}
		must(t, db.Close())
	}
	t.Logf("%d kills, %d acknowledged writes, none lost", kills, total)
}

// TestOpenAfterEmptyLogs opens a store that was killed between the making of a log and
// the setting of its length.
func TestOpenAfterEmptyLogs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a directory cannot be locked from outside the engine")
	}
	dir := t.TempDir()
	db := open(t, Options{Dir: dir})
	must(t, db.Namespace("n").Put(context.Background(), Write{Key: "k", Value: make([]byte, 100_000)}))
	must(t, db.Close())
	for _, name := range []string{"00002.mem", "00090.mem", "000090.vlog"} {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	db = open(t, Options{Dir: dir})
	if e, err := db.Namespace("n").Get(context.Background(), "k"); err != nil || len(e.Value) != 100_000 {
		t.Errorf("%d bytes, %v", len(e.Value), err)
	}
}
