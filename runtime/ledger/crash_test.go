package ledger

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/kv"
)

const (
	crashDir  = "MAYFLY_LEDGER_CRASH_DIR"  // set in the child: where its store is
	crashFrom = "MAYFLY_LEDGER_CRASH_FROM" // the time its clock begins at, in seconds
	crashStep = 25 * time.Minute           // by which the clock moves, so that hours and days end all the time
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := crashChild(dir, os.Getenv(crashFrom)); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// crashChild counts invocations for ever, sums them up, and prints "begun N at T" before
// and "kept N at T" after each flush, N being those of this child so far.
func crashChild(dir, from string) error {
	var unix atomic.Int64
	var second int64
	if _, err := fmt.Sscan(from, &second); err != nil {
		return err
	}
	unix.Store(second)
	now := func() time.Time { return time.Unix(unix.Load(), 0).UTC() }
	db, err := kv.Open(kv.Options{Dir: dir, WriteBuffer: 1 << 20, Reserve: -1, Now: now})
	if err != nil {
		return err
	}
	l, err := Open(db, Options{Now: now})
	if err != nil {
		return err
	}
	for n, i := 0, 0; ; i++ {
		for range 1 + i%5 {
			n++
			l.Record(&outside.Report{Account: "acct", Script: fmt.Sprint("s", n%3), Version: "v", Outcome: outside.OutcomeOK, Start: now(), CPU: time.Millisecond})
		}
		fmt.Println("begun", n, "at", unix.Load())
		if err := l.Flush(); err != nil {
			return err
		}
		fmt.Println("kept", n, "at", unix.Load())
		unix.Add(int64(crashStep / time.Second))
		if err := l.Rollup(); err != nil {
			return err
		}
	}
}

// TestCrash kills a process that counts and sums up usage, over and over. Every
// invocation that was flushed must be counted once, whatever the sum it is in.
func TestCrash(t *testing.T) {
	kills := 6
	if testing.Short() {
		kills = 2
	}
	dir := t.TempDir()
	clock := start.Unix()
	rnd := rand.New(rand.NewPCG(5, 6))
	var total int64
	for round := range kills {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), crashDir+"="+dir, fmt.Sprint(crashFrom, "=", clock))
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var begun, kept int64
		lines := bufio.NewScanner(out)
		for n, last := 0, 1+rnd.IntN(300); lines.Scan(); n++ {
			var what string
			var count, at int64
			if _, err := fmt.Sscanf(lines.Text(), "%s %d at %d", &what, &count, &at); err != nil {
				break // cut short by the kill
			}
			if clock = at; what == "begun" {
				begun = count
			} else {
				kept = count
			}
			if n == last {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait()

		db, err := kv.Open(kv.Options{Dir: dir, WriteBuffer: 1 << 20, Reserve: -1, Maintenance: -1, Now: func() time.Time { return time.Unix(clock, 0) }})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		l, err := Open(db, Options{Now: func() time.Time { return time.Unix(clock, 0).UTC() }})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for _, when := range []string{"after the kill", "summed up again"} {
			res, err := l.Usage(Query{Account: "acct", From: start.Add(-time.Hour), To: time.Unix(clock, 0).Add(24 * time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			got := res.Total.Requests
			if got < total+kept || got > total+begun {
				t.Fatalf("round %d, %s: usage is %d, flushed are %d to %d", round, when, got, total+kept, total+begun)
			}
			if when == "summed up again" {
				total = got
			}
			if err := l.Rollup(); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		clock += int64(crashStep / time.Second)
	}
	t.Logf("%d kills, %d invocations counted once", kills, total)
}
