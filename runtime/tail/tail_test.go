package tail

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
)

func sample() *outside.Report {
	at := time.UnixMilli(1_795_397_008_700)
	return &outside.Report{
		Account: "a", Script: "s", Version: "v1", Entrypoint: "default", Event: outside.EventFetch,
		Method: "GET", URL: "https://h/x", Status: 200, Outcome: outside.OutcomeOK, Start: at, Wall: 5 * time.Millisecond, CPU: 300 * time.Microsecond,
		Header: []outside.Field{{Name: "host", Value: "h"}, {Name: "x-a", Value: "bcd"}, {Name: "authorization", Value: "Bearer secret"}, {Name: "cf-connecting-ip", Value: "192.0.2.1"}},
		Logs:   []outside.LogLine{{Time: at, Level: "log", Text: "hello {a: 1}", Message: []byte(`["hello",{"a":1}]`)}},
	}
}

func TestMarshal(t *testing.T) {
	got, err := Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"outcome":"ok","scriptName":"s","scriptVersion":{"id":"v1"},"entrypoint":"default","executionModel":"stateless","truncated":false,"wallTime":5,"cpuTime":1,` +
		`"eventTimestamp":1795397008700,"diagnosticsChannelEvents":[],"logs":[{"level":"log","message":["hello",{"a":1}],"timestamp":1795397008700}],"exceptions":[],` +
		`"event":{"request":{"url":"https://h/x","method":"GET","headers":{"authorization":"REDACTED","cf-connecting-ip":"192.0.2.1","host":"h","x-a":"bcd"},"cf":{}},"response":{"status":200}}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		filters string
		pass    bool
	}{
		{``, true}, {`null`, true}, {`[]`, true}, {`[{"sampling_rate":1}]`, true}, {`[{"sampling_rate":0}]`, false},
		{`[{"outcome":["ok"]}]`, true}, {`[{"outcome":["exception","exceededCpu"]}]`, false},
		{`[{"method":["post","get"]}]`, true}, {`[{"method":["POST"]}]`, false},
		{`[{"header":{"key":"X-A"}}]`, true}, {`[{"header":{"key":"X-A","query":"cd"}}]`, true}, {`[{"header":{"key":"X-A","query":"z"}}]`, false}, {`[{"header":{"key":"X-B"}}]`, false},
		{`[{"client_ip":["self"]}]`, true}, {`[{"client_ip":["192.0.2.9"]}]`, false},
		{`[{"query":"hello"}]`, true}, {`[{"query":"bye"}]`, false}, {`[{"scriptVersion":"v1"}]`, true}, {`[{"scriptVersion":"v2"}]`, false},
		{`[{"method":["GET"]},{"query":"bye"}]`, false},
	} {
		list, err := ParseFilters([]byte(c.filters), "192.0.2.1")
		if err != nil {
			t.Errorf("%s: %v", c.filters, err)
			continue
		}
		if got := (&viewer{filters: list}).passes(sample()); got != c.pass {
			t.Errorf("%s: %v", c.filters, got)
		}
	}
	for _, bad := range []string{`{}`, `[1]`, `[{}]`, `[{"sampling_rate":2}]`, `[{"sampling_rate":"x"}]`, `[{"nope":1}]`, `[`} {
		if _, err := ParseFilters([]byte(bad), ""); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func FuzzParseFilters(f *testing.F) {
	f.Add([]byte(`[{"header":{"key":"a","query":"b"}},{"client_ip":["self"]}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if list, err := ParseFilters(text, "x"); err == nil {
			(&viewer{filters: list}).passes(sample())
		}
	})
}

func TestWatch(t *testing.T) {
	var h Hub
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan []byte)
	done := make(chan error)
	go func() {
		done <- h.Watch(ctx, "a", "s", nil, func(item []byte) error { got <- item; return nil })
	}()
	for h.watched.Load() == 0 { // until the viewer has joined
	}
	other := sample()
	other.Script = "other"
	h.Publish(other)
	// The first is taken at once; what the queue cannot hold is dropped and told.
	for range queueLength + 3 {
		h.Publish(sample())
	}
	sum, notices := 0, 0
	for sum < queueLength+3 {
		var i struct {
			ScriptName string
			Event      struct{ Message string }
		}
		if err := json.Unmarshal(<-got, &i); err != nil {
			t.Fatal(err)
		}
		if i.ScriptName == "s" {
			sum++
			continue
		}
		notices++
		if !strings.Contains(i.Event.Message, "items were dropped") {
			t.Fatalf("item %+v", i)
		}
		sum += int(i.Event.Message[len("Tail is too slow for this script: ")] - '0')
	}
	if notices != 1 {
		t.Errorf("%d notices", notices)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(h.viewers) != 0 || h.watched.Load() != 0 {
		t.Error("the viewer is still there")
	}
}

// TestPace shows a viewer no more items in a second than it may have, then some more, and
// tells of the others although nothing comes after them.
func TestPace(t *testing.T) {
	var h Hub
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan string, 4*MaxRate)
	done := make(chan error)
	go func() {
		done <- h.Watch(ctx, "a", "s", nil, func(item []byte) error { got <- string(item); return nil })
	}()
	for h.Viewers() == 0 { // until it has joined
	}
	r := sample()
	for range 3 * MaxRate {
		h.Publish(r)
		for len(h.viewers[key{"a", "s"}][0].items) > queueLength/2 { // it keeps up
		}
	}
	items := 0
	for {
		text := <-got
		if strings.Contains(text, `"overload"`) {
			if !strings.Contains(text, fmt.Sprint(2*MaxRate, " items were dropped")) {
				t.Error(text)
			}
			break
		}
		items++
	}
	if items != MaxRate {
		t.Errorf("%d items in a second, want %d", items, MaxRate)
	}
	later := *r
	later.Start = later.Start.Add(time.Second)
	h.Publish(&later)
	if text := <-got; strings.Contains(text, `"overload"`) {
		t.Errorf("in the next second: %s", text)
	}
	h.Publish(r) // it ended late and does not begin a second of its own
	if v := h.viewers[key{"a", "s"}][0]; v.given.Load() != 2 {
		t.Errorf("%d items in the next second", v.given.Load())
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTooManyViewers(t *testing.T) {
	var h Hub
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range MaxViewers {
		wg.Go(func() { h.Watch(ctx, "a", "s", nil, func([]byte) error { return nil }) })
	}
	for h.watched.Load() < MaxViewers {
	}
	if err := h.Watch(ctx, "a", "s", nil, nil); !errors.Is(err, ErrTooManyViewers) {
		t.Errorf("error %v", err)
	}
	cancel()
	wg.Wait()
}

func BenchmarkPublishUnwatched(b *testing.B) {
	var h Hub
	r := sample()
	b.ReportAllocs()
	for b.Loop() {
		h.Publish(r)
	}
}

func TestPublishUnwatchedAllocatesNothing(t *testing.T) {
	var h Hub
	r := sample()
	if n := testing.AllocsPerRun(100, func() { h.Publish(r) }); n != 0 {
		t.Errorf("publishing what nobody watches allocates %g times", n)
	}
}
