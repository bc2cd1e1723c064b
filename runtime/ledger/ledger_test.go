package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/kv"
)

// A rig is a ledger with a store in memory and a clock that stands still.
type rig struct {
	*Ledger
	t    testing.TB
	db   *kv.DB
	opts Options
	unix atomic.Int64
}

var start = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

func newRig(t testing.TB, opts Options) *rig {
	db, err := kv.Open(kv.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	r := &rig{t: t, db: db, opts: opts}
	r.unix.Store(start.Unix())
	r.opts.Now = r.now
	r.restart()
	return r
}

func (r *rig) now() time.Time { return time.Unix(r.unix.Load(), 0).UTC() }

func (r *rig) advance(d time.Duration) { r.unix.Add(int64(d / time.Second)) }

// restart forgets everything that is not in the store, as kill -9 does.
func (r *rig) restart() {
	l, err := Open(r.db, r.opts)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Ledger = l
}

func (r *rig) do(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// record counts n invocations of 7 ms CPU and 20 ms wall time that end now.
func (r *rig) record(script, version string, n int) {
	for range n {
		r.Record(&outside.Report{
			Account: "acct", Script: script, Version: version, Outcome: outside.OutcomeOK,
			Start: r.now().Add(-20 * time.Millisecond), Wall: 20 * time.Millisecond, CPU: 7 * time.Millisecond,
		})
	}
}

func (r *rig) usage(q Query) *Result {
	r.t.Helper()
	res, err := r.Usage(q)
	r.do(err)
	return res
}

// total is the number of requests of all time.
func (r *rig) total() int64 {
	r.t.Helper()
	return r.usage(Query{From: start.AddDate(0, 0, -1), To: r.now().Add(time.Hour)}).Total.Requests
}

// rows counts the stored rows of a level.
func (r *rig) rows(v level) (n int) {
	r.t.Helper()
	r.do(r.db.View(func(tx *kv.Tx) error {
		return eachRow(tx, v, "acct", 0, 1<<40, func(string, row, *Usage) error { n++; return nil })
	}))
	return n
}

func TestRecordCountsEverything(t *testing.T) {
	r := newRig(t, Options{Memory: func(account, script, version string) int {
		if script == "big" {
			return 512
		}
		return 0
	}})
	full := outside.Report{
		Account: "acct", Script: "hello", Version: "v1", Outcome: outside.OutcomeOK, Event: outside.EventFetch,
		Start: start, Wall: 2500 * time.Microsecond, CPU: 1234567 * time.Nanosecond, ColdStart: 700 * time.Microsecond,
		Subrequests: 1, KVReads: 2, KVWrites: 3, KVDeletes: 4, KVLists: 5, BytesIn: 6, BytesOut: 7,
	}
	warm := outside.Report{Account: "acct", Script: "hello", Version: "v1", Outcome: outside.OutcomeException, Start: start, Wall: 2 * time.Millisecond}
	inner := outside.Report{Account: "acct", Script: "hello", Version: "v1", Outcome: outside.OutcomeOK, Internal: true, Event: outside.EventRPC, Start: start, CPU: time.Millisecond}
	shed := outside.Report{Account: "acct", Script: "hello", Version: "v1", Outcome: outside.OutcomeLoadShed, Start: start, Wall: time.Second}
	odd := outside.Report{Account: "acct", Script: "hello", Version: "v1", Outcome: "whatever", Start: start}
	big := outside.Report{Account: "acct", Script: "big", Version: "v1", Outcome: outside.OutcomeOK, Start: start, Wall: time.Second}
	for _, report := range []*outside.Report{&full, &warm, &inner, &shed, &odd, &big} {
		r.Record(report)
	}
	res := r.usage(Query{Account: "acct", From: start, To: start.Add(time.Minute), Step: time.Minute, ByVersion: true})
	got, err := json.MarshalIndent(res.Rows, "", " ")
	r.do(err)
	const want = `[
 {
  "account": "acct",
  "script": "big",
  "version": "v1",
  "from": "2026-03-14T15:09:00Z",
  "to": "2026-03-14T15:10:00Z",
  "invocations": 1,
  "requests": 1,
  "subrequests": 0,
  "cpu_ms": 0,
  "wall_ms": 1000,
  "cold_starts": 0,
  "cold_start_ms": 0,
  "billed_ms": 1000,
  "gb_seconds": 0.5,
  "kv_reads": 0,
  "kv_writes": 0,
  "kv_deletes": 0,
  "kv_lists": 0,
  "bytes_in": 0,
  "bytes_out": 0,
  "kv_gb_minutes": 0,
  "outcomes": {
   "ok": 1
  }
 },
 {
  "account": "acct",
  "script": "hello",
  "version": "v1",
  "from": "2026-03-14T15:09:00Z",
  "to": "2026-03-14T15:10:00Z",
  "invocations": 5,
  "requests": 2,
  "subrequests": 1,
  "cpu_ms": 2.234567,
  "wall_ms": 1004.5,
  "cold_starts": 1,
  "cold_start_ms": 0.7,
  "billed_ms": 6,
  "gb_seconds": 0.00075,
  "kv_reads": 2,
  "kv_writes": 3,
  "kv_deletes": 4,
  "kv_lists": 5,
  "bytes_in": 6,
  "bytes_out": 7,
  "kv_gb_minutes": 0,
  "outcomes": {
   "ok": 2,
   "exception": 1,
   "loadShed": 1,
   "internalError": 1
  }
 }
]`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
	var back []Row
	r.do(json.Unmarshal(got, &back))
	for i := range back {
		if back[i] != res.Rows[i] {
			t.Errorf("JSON round trip: %+v, want %+v", back[i], res.Rows[i])
		}
	}
	if n := back[1].Outcomes.Of(outside.OutcomeLoadShed); n != 1 {
		t.Errorf("%d load shed", n)
	}
}

// TestHold counts what is stored, by the minute and, when days have gone, by the day.
func TestHold(t *testing.T) {
	r := newRig(t, Options{})
	r.Hold("acct", 3_000_000_000, 60)
	r.Hold("acct", 5_000_000_000, 12)
	r.Hold("other", 1, 1)
	check := func(when string) {
		t.Helper()
		day := start.Truncate(24 * time.Hour)
		res := r.usage(Query{Account: "acct", From: day, To: day.Add(24 * time.Hour), Step: 24 * time.Hour})
		if len(res.Rows) != 1 || res.Rows[0].Script != "" || res.Total.KVHeld.String() != "240" || res.Total.Requests != 0 {
			t.Errorf("%s: %+v", when, res)
		}
		if got := res.Total.KVHeld.Average(4 * time.Hour); got != 1_000_000_000 {
			t.Errorf("%s: %d bytes on average", when, got)
		}
		text, err := json.Marshal(res.Rows[0])
		r.do(err)
		var back Row
		if r.do(json.Unmarshal(text, &back)); back != res.Rows[0] {
			t.Errorf("%s: JSON round trip: %s", when, text)
		}
	}
	check("now")
	r.advance(100 * 24 * time.Hour)
	r.do(r.Rollup())
	check("100 days later")
}

func TestKillLosesOnlyWhatWasNotFlushed(t *testing.T) {
	r := newRig(t, Options{})
	r.record("hello", "v1", 10)
	r.do(r.Flush())
	r.record("hello", "v1", 5)
	r.restart()
	if n := r.total(); n != 10 {
		t.Fatalf("%d requests, want the 10 flushed", n)
	}
	r.record("hello", "v1", 5)
	if n := r.total(); n != 15 {
		t.Fatalf("%d requests, want 15", n)
	}
}

func TestBatchIsWrittenOnce(t *testing.T) {
	r := newRig(t, Options{})
	b := batch{seq: 1, rows: []row{{id{"acct", "hello", "v1"}, minuteOf(start)}}, used: []*Usage{{Requests: 3}}}
	r.do(r.writeBatch(&b))
	r.do(r.writeBatch(&b)) // as after a commit whose answer was lost
	if n := r.total(); n != 3 {
		t.Fatalf("%d requests, want 3", n)
	}
	r.restart() // another process may use the same number
	r.do(r.writeBatch(&b))
	if n := r.total(); n != 6 {
		t.Fatalf("%d requests, want 6", n)
	}
}

func TestFailedFlushIsRepeated(t *testing.T) {
	r := newRig(t, Options{})
	good := r.Ledger.db
	bad, err := kv.Open(kv.Options{InMemory: true})
	r.do(err)
	r.do(bad.Close())
	r.Ledger.db = bad
	for range 3 {
		r.record("hello", "v1", 2)
		if err := r.Flush(); !errors.Is(err, kv.ErrClosed) {
			t.Fatalf("flush to a closed store: %v", err)
		}
		r.advance(time.Minute)
	}
	r.Ledger.db = good
	if n := r.total(); n != 6 {
		t.Fatalf("%d requests, want 6", n)
	}
}

func TestMinutes(t *testing.T) {
	r := newRig(t, Options{})
	at := func(end time.Time) {
		r.Record(&outside.Report{Account: "acct", Script: "s", Version: "v", Outcome: outside.OutcomeOK, Start: end.Add(-time.Hour), Wall: time.Hour})
	}
	minute := start.Truncate(time.Minute)
	at(minute)                           // 15:09
	at(minute.Add(-1))                   // 15:08
	at(minute.Add(59 * time.Second))     // 15:09
	at(minute.Add(-30 * time.Minute))    // 14:39, before the ledger was opened: the first open minute
	at(minute.Add(24 * 365 * time.Hour)) // cannot be: the next minute
	r.Record(&outside.Report{Account: "acct", Script: "s", Version: "v", Outcome: outside.OutcomeOK})
	res := r.usage(Query{From: start.Add(-2 * time.Hour), To: start.Add(2 * time.Hour), Step: time.Minute})
	var got []string
	for _, row := range res.Rows {
		got = append(got, fmt.Sprintf("%s=%d", row.From.Format("15:04"), row.Requests))
	}
	if s := strings.Join(got, " "); s != "15:00=1 15:08=1 15:09=3 15:10=1" {
		t.Error(s)
	}
}

func TestRollup(t *testing.T) {
	r := newRig(t, Options{})
	var want int64
	for day := range 100 {
		for range 4 {
			r.record("a", "v1", 1)
			r.record("b", fmt.Sprint("v", day%2), 2)
			want += 3
			r.do(r.Flush())
			r.advance(6 * time.Hour)
			r.do(r.Rollup())
		}
	}
	now := r.now()
	if n := r.total(); n != want {
		t.Fatalf("%d requests, want %d", n, want)
	}
	// All rows but those of 48 hours and 90 days are gone, and nothing is counted twice.
	if m, h, d := r.rows(minutes), r.rows(hours), r.rows(days); m > 2*4*3 || h > 2*4*91 || h < 2*4*88 || d < 2*99 {
		t.Errorf("%d minute, %d hour and %d day rows", m, h, d)
	}
	first := start.Truncate(24 * time.Hour)
	for _, q := range []Query{
		{From: first, To: now.Add(time.Hour)},
		{From: first, To: now.Add(time.Hour), Step: 24 * time.Hour},
		{From: first, To: now.Add(time.Hour), Step: 7 * 24 * time.Hour, ByVersion: true},
	} {
		res := r.usage(q)
		var sum int64
		for _, row := range res.Rows {
			sum += row.Requests
		}
		if sum != want || res.Total.Requests != want {
			t.Errorf("%v: rows %d, total %d, want %d", q.Step, sum, res.Total.Requests, want)
		}
	}
	week := now.AddDate(0, 0, -7)
	for _, step := range []time.Duration{0, time.Hour, 6 * time.Hour, 24 * time.Hour} {
		from := week.Truncate(24 * time.Hour)
		res := r.usage(Query{Script: "b", From: from, To: from.AddDate(0, 0, 5), Step: step})
		if res.Total.Requests != 5*4*2 {
			t.Errorf("five days by %v: %d requests, want 40", step, res.Total.Requests)
		}
	}
	res := r.usage(Query{Script: "b", From: now.Add(-24 * time.Hour), To: now, Step: time.Minute})
	if len(res.Rows) != 4 || res.Total.Requests != 8 {
		t.Errorf("a day by minutes: %d rows, %d requests", len(res.Rows), res.Total.Requests)
	}
	// The middle of an hour long gone is widened to what is kept.
	res = r.usage(Query{From: start.Add(30 * time.Minute), To: start.Add(40 * time.Minute)})
	if res.From != first || res.To != first.AddDate(0, 0, 1) {
		t.Errorf("widened to %v - %v", res.From, res.To)
	}
}

func TestRollupCutOffIsMadeGood(t *testing.T) {
	r := newRig(t, Options{})
	for range 30 {
		r.record("a", "v1", 1)
		r.do(r.Flush())
		r.advance(time.Hour)
	}
	from, end := floor(minuteOf(start), 60), floor(minuteOf(r.now()), 60)
	// Sums are written, then the process dies before the mark moves.
	for range 2 {
		sums := map[id]*Usage{{"acct", "a", "v1"}: {Requests: 1}}
		r.do(r.putSums(hours, from, sums))
		r.restart()
	}
	if n := r.total(); n != 30 {
		t.Fatalf("%d requests before the mark moved, want 30", n)
	}
	for range 3 {
		r.do(r.Rollup())
		r.restart()
		if n := r.total(); n != 30 {
			t.Fatalf("%d requests, want 30", n)
		}
	}
	// A second sum over the same minutes changes nothing.
	r.do(r.sum([]string{"acct"}, minutes, hours, from, end))
	if n := r.total(); n != 30 {
		t.Fatalf("%d requests, want 30", n)
	}
}

func TestLateReportCountsOnce(t *testing.T) {
	r := newRig(t, Options{})
	late := outside.Report{Account: "acct", Script: "s", Version: "v", Outcome: outside.OutcomeOK, Start: start}
	r.record("s", "v", 1)
	r.advance(2 * time.Hour)
	r.do(r.Rollup())
	r.Record(&late)
	if n := r.total(); n != 2 {
		t.Fatalf("%d requests, want 2", n)
	}
	r.advance(24 * time.Hour)
	r.do(r.Rollup())
	if n := r.total(); n != 2 {
		t.Fatalf("%d requests after the day was summed up, want 2", n)
	}
}

func TestRollupTakesWhatWasNotFlushed(t *testing.T) {
	r := newRig(t, Options{})
	r.record("s", "v", 1)
	r.advance(25 * time.Hour)
	r.do(r.Rollup())
	if n := r.rows(hours); n != 1 {
		t.Fatalf("%d hour rows, want 1", n)
	}
	if n := r.total(); n != 1 {
		t.Fatalf("%d requests, want 1", n)
	}
}

func TestQueryErrors(t *testing.T) {
	r := newRig(t, Options{})
	for _, test := range []struct {
		q    Query
		want string
	}{
		{Query{From: start, To: start}, "not after its start"},
		{Query{From: start, To: start.Add(1), Step: time.Second}, "whole number of minutes"},
		{Query{From: start, To: start.Add(1), Step: -time.Minute}, "whole number of minutes"},
		{Query{From: time.Unix(-100, 0), To: start}, "before 1970"},
		{Query{From: start.AddDate(0, 0, -3), To: start, Step: time.Minute}, "steps of 1m0s are kept for 48h0m0s only; ask from 2026-03-12T15:09:00Z on, or with a step of 1h0m0s"},
		{Query{From: start.AddDate(0, 0, -91), To: start, Step: time.Hour}, "or with a step of 24h0m0s"},
	} {
		if _, err := r.Usage(test.q); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %s", test.q, err, test.want)
		}
	}
	if _, err := Open(r.db, Options{FlushEvery: time.Minute}); err == nil {
		t.Error("a minute between flushes was accepted")
	}
}

func TestStrangeNames(t *testing.T) {
	r := newRig(t, Options{})
	r.Record(&outside.Report{Account: "acct", Script: "a\x00b", Version: strings.Repeat("v", 100_000), Outcome: outside.OutcomeOK, Start: start})
	r.Record(&outside.Report{Outcome: outside.OutcomeScriptNotFound, Start: start})
	r.record("s", "v", 1)
	if n := r.total(); n != 2 {
		t.Fatalf("%d requests, want 2", n)
	}
}

func TestQuota(t *testing.T) {
	r := newRig(t, Options{Quota: func(account string) Quota {
		if account == "acct" {
			return Quota{RequestsPerDay: 10}
		}
		return Quota{}
	}})
	r.record("hello", "v1", 9)
	r.Record(&outside.Report{Account: "other", Outcome: outside.OutcomeOK, Start: start})
	r.do(r.Flush())
	if r.Exceeded("acct") || r.Exceeded("other") {
		t.Fatal("exceeded too early")
	}
	r.record("hello", "v2", 1)
	r.do(r.Flush())
	if !r.Exceeded("acct") || r.Exceeded("other") {
		t.Fatal("ten requests did not exceed ten")
	}
	r.restart()
	if !r.Exceeded("acct") {
		t.Fatal("a restart gave the quota back")
	}
	r.advance(9 * time.Hour) // over midnight
	r.do(r.Flush())
	if r.Exceeded("acct") {
		t.Fatal("still exceeded the next day")
	}
	if n := testing.AllocsPerRun(100, func() { r.Exceeded("acct") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestIdleCellsAreForgotten(t *testing.T) {
	r := newRig(t, Options{})
	r.record("hello", "v1", 1)
	cells := func() (n int) {
		for _, s := range r.shards {
			n += len(s.cells)
		}
		return n
	}
	if cells() != 1 {
		t.Fatalf("%d cells", cells())
	}
	for range 3 * idleFlushes {
		r.collect()
	}
	if cells() != 0 {
		t.Fatalf("%d cells after a long time", cells())
	}
	if n := r.total(); n != 1 {
		t.Fatalf("%d requests", n)
	}
}

func TestRunWritesWhenStopped(t *testing.T) {
	r := newRig(t, Options{Logger: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(t.Context())
	r.record("hello", "v1", 3)
	cancel()
	r.do(r.Run(ctx))
	r.restart()
	if n := r.total(); n != 3 {
		t.Fatalf("%d requests, want 3", n)
	}
}

func TestRunFlushesByItself(t *testing.T) {
	r := newRig(t, Options{FlushEvery: time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	r.record("hello", "v1", 3)
	for r.rows(minutes) == 0 { // the test's own deadline ends this
	}
	cancel()
	r.do(<-done)
}

func TestHammer(t *testing.T) {
	r := newRig(t, Options{Quota: func(string) Quota { return Quota{RequestsPerDay: 1} }})
	const workers, each = 8, 3000
	var recording, reading sync.WaitGroup
	stop := make(chan struct{})
	reading.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := errors.Join(r.Flush(), r.Rollup()); err != nil {
				t.Error(err)
			}
			r.Exceeded("acct")
			r.advance(7 * time.Minute)
		}
	})
	for w := range workers {
		recording.Go(func() {
			for i := range each {
				r.record(fmt.Sprint("script", (w+i)%5), "v1", 1)
			}
		})
	}
	recording.Wait()
	close(stop)
	reading.Wait()
	if n := r.total(); n != workers*each {
		t.Fatalf("%d requests, want %d", n, workers*each)
	}
}

func TestRecordDoesNotAllocate(t *testing.T) {
	r := newRig(t, Options{})
	report := &outside.Report{Account: "acct", Script: "hello", Version: "v1", Outcome: outside.OutcomeOK, Start: start, Wall: time.Millisecond}
	for range 100 { // every shard has met the script
		r.Record(report)
	}
	if n := testing.AllocsPerRun(1000, func() { r.Record(report) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add((&Usage{Requests: 1, Memory: 1 << 40}).encode())
	f.Add([]byte{format})
	f.Add([]byte{2, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var u, again Usage
		if u.decode(b) != nil {
			return
		}
		if err := again.decode(u.encode()); err != nil || again != u {
			t.Fatalf("%+v becomes %+v, %v", u, again, err)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add(minutes.key(row{id{"a", "s", "v"}, 1}))
	f.Add("m\x00\x00\x00\x00")
	f.Fuzz(func(t *testing.T, key string) {
		r, err := parseKey(key)
		if err != nil || r.minute < 0 {
			return
		}
		again, err := parseKey(minutes.key(r))
		if err != nil || again != r {
			t.Fatalf("%q: %+v becomes %+v, %v", key, r, again, err)
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	r := newRig(b, Options{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		report := &outside.Report{
			Account: "023e105f4ecef8ad9ca31a8372d0c353", Script: "hello", Version: "0192f0c1-2b3c-4d5e-8f90-a1b2c3d4e5f6",
			Outcome: outside.OutcomeOK, Start: start, Wall: time.Millisecond, CPU: time.Millisecond,
		}
		for pb.Next() {
			r.Record(report)
		}
	})
}

// BenchmarkFlush writes 10 scripts that moved among 10,000 that did not.
func BenchmarkFlush(b *testing.B) {
	r := newRig(b, Options{})
	for i := range 10_000 {
		r.record(fmt.Sprint("script", i), "v1", 1)
	}
	r.do(r.Flush())
	for b.Loop() {
		for i := range 10 {
			r.record(fmt.Sprint("script", i), "v1", 1)
		}
		r.do(r.Flush())
	}
}
