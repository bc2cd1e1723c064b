package logs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/kv"
)

// rig is a Keeper over a store in memory with a clock that stands.
func rig(t testing.TB, queue int) (*Keeper, *time.Time) {
	t.Helper()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	db, err := kv.Open(kv.Options{InMemory: true, Reserve: -1, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return New(db, Options{Queue: queue, Now: func() time.Time { return now }, Marshal: func(r *outside.Report) ([]byte, error) {
		if r.Script == "unmarshalable" {
			return nil, errors.New("no")
		}
		return json.Marshal(map[string]any{"outcome": r.Outcome, "id": r.Invocation, "logs": r.Logs})
	}}), &now
}

func report(script, id string, at time.Time, outcome outside.Outcome, text string) *outside.Report {
	return &outside.Report{Account: "a", Script: script, Invocation: id, Start: at, Outcome: outcome, Logs: []outside.LogLine{{Text: text}}}
}

func ids(t *testing.T, k *Keeper, q Query) (string, string) {
	t.Helper()
	q.Account = "a"
	p, err := k.Search(q)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, i := range p.Items {
		var v struct{ ID string }
		if err := json.Unmarshal(i, &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v.ID)
	}
	return strings.Join(list, " "), p.Cursor
}

func TestSearch(t *testing.T) {
	k, now := rig(t, 100)
	start := *now
	for n := range 5 {
		outcome := outside.OutcomeOK
		if n%2 == 1 {
			outcome = outside.OutcomeException
		}
		k.Keep(report("s", fmt.Sprint(n), start.Add(time.Duration(n)*time.Minute), outcome, fmt.Sprintf("say \"%d\"", n)), 1)
	}
	k.Keep(report("s2", "other", start, outside.OutcomeOK, ""), 1)
	k.Keep(report("unmarshalable", "x", start, outside.OutcomeOK, ""), 1)
	k.flush()
	for _, c := range []struct {
		name string
		q    Query
		want string
	}{
		{"all", Query{Script: "s"}, "4 3 2 1 0"},
		{"other script", Query{Script: "s2"}, "other"},
		{"no script", Query{Script: "none"}, ""},
		{"since", Query{Script: "s", Since: start.Add(3 * time.Minute)}, "4 3"},
		{"until", Query{Script: "s", Until: start.Add(2 * time.Minute)}, "1 0"},
		{"between", Query{Script: "s", Since: start.Add(time.Minute), Until: start.Add(3 * time.Minute)}, "2 1"},
		{"outcome", Query{Script: "s", Outcome: "exception"}, "3 1"},
		{"search", Query{Script: "s", Search: `"2"`}, "2"},
		{"search nothing", Query{Script: "s", Search: "absent"}, ""},
	} {
		if got, cursor := ids(t, k, c.q); got != c.want || cursor != "" {
			t.Errorf("%s: %q with cursor %q, want %q", c.name, got, cursor, c.want)
		}
	}
	// Pages follow each other without gap or overlap.
	var all []string
	q := Query{Script: "s", Limit: 2}
	for {
		got, cursor := ids(t, k, q)
		all = append(all, got)
		if q.Cursor = cursor; cursor == "" {
			break
		}
	}
	if got := strings.Join(all, "|"); got != "4 3|2 1|0" {
		t.Errorf("pages %q", got)
	}
	*now = start.Add(Retention + time.Second)
	if got, _ := ids(t, k, Query{Script: "s"}); got != "" {
		t.Errorf("after seven days: %q", got)
	}
}

func TestSampling(t *testing.T) {
	k, now := rig(t, 10_000)
	for range 4000 {
		k.Keep(report("s", "x", *now, outside.OutcomeOK, ""), 0.25)
	}
	if n := len(k.queue); n < 800 || n > 1200 {
		t.Errorf("%d of 4000 are kept at a rate of a quarter", n)
	}
	k.Keep(report("none", "x", *now, outside.OutcomeOK, ""), 0)
	k.flush()
	if got, _ := ids(t, k, Query{Script: "none"}); got != "" {
		t.Errorf("kept at a rate of 0: %q", got)
	}
}

// What does not fit is dropped, and the log says so.
func TestOverload(t *testing.T) {
	k, now := rig(t, 2)
	for range 5 {
		k.Keep(report("s", "x", *now, outside.OutcomeOK, ""), 1)
	}
	k.flush()
	p, err := k.Search(Query{Account: "a", Script: "s", Search: "3 invocations were dropped"})
	if err != nil || len(p.Items) != 1 {
		t.Errorf("%v %v", p, err)
	}
}

func TestLargeItem(t *testing.T) {
	k, now := rig(t, 2)
	k.Keep(report("s", "large", *now, outside.OutcomeOK, strings.Repeat("x", 1<<20)), 1)
	k.flush()
	if got, _ := ids(t, k, Query{Script: "s"}); got != "large" {
		t.Errorf("a large item: %q", got)
	}
}

func TestHammer(t *testing.T) {
	k, now := rig(t, 100_000)
	ctx, cancel := context.WithCancel(t.Context())
	var run, wg sync.WaitGroup
	run.Go(func() { k.Run(ctx) })
	for w := range 8 {
		wg.Go(func() {
			for n := range 200 {
				k.Keep(report("s", fmt.Sprint(w, n), *now, outside.OutcomeOK, ""), 1)
				if n%50 == 0 {
					if _, err := k.Search(Query{Account: "a", Script: "s"}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	cancel()
	run.Wait()
	p, err := k.Search(Query{Account: "a", Script: "s", Limit: 5000})
	if err != nil || len(p.Items) != 1600 {
		t.Errorf("%d items, %v", len(p.Items), err)
	}
}
