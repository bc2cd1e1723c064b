package performance

import (
	"cmp"
	"slices"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

// maxEntries bounds the entries that a realm keeps; the oldest go first.
const maxEntries = 10_000

// timeline is a realm's performance entry buffer and its observers.
type timeline struct {
	entries   []anyEntry
	observers []*observer
	queued    bool // a task will call the observers
}

type timelineKey struct{ _ byte }

var timelineSlot timelineKey

func timelineOf(js *webidl.Realm) *timeline {
	return webidl.Slot(js, &timelineSlot, func() *timeline { return &timeline{} })
}

// add is https://w3c.github.io/performance-timeline/#queue-a-performanceentry
func (t *timeline) add(js *webidl.Realm, e anyEntry) {
	if len(t.entries) >= maxEntries {
		t.entries = slices.Clone(t.entries[maxEntries/10:])
	}
	t.entries = append(t.entries, e)
	for _, o := range t.observers {
		if o.wants(e.state().kind) {
			o.buffer = append(o.buffer, e)
			t.notify(js)
		}
	}
}

// notify is https://w3c.github.io/performance-timeline/#queue-the-performanceobserver-task
func (t *timeline) notify(js *webidl.Realm) {
	if t.queued {
		return
	}
	t.queued = true
	js.Loop.Post(js.Task(func() {
		t.queued = false
		for _, o := range slices.Clone(t.observers) {
			o.call(js)
		}
	}))
}

// clear removes the entries of a kind, and of a name if one is given.
func (t *timeline) clear(kind string, name webidl.Opt[string]) {
	t.entries = slices.DeleteFunc(t.entries, func(any anyEntry) bool {
		e := any.state()
		return e.kind == kind && (!name.Set || e.name == name.Value)
	})
}

// list returns the objects of the entries of a name and a kind, in order of time:
// https://w3c.github.io/performance-timeline/#filter-buffer-by-name-and-type
func list(js *webidl.Realm, entries []anyEntry, name, kind webidl.Opt[string]) *goja.Object {
	var found []anyEntry
	for _, any := range entries {
		if e := any.state(); (!name.Set || e.name == name.Value) && (!kind.Set || e.kind == kind.Value) {
			found = append(found, any)
		}
	}
	slices.SortStableFunc(found, func(a, b anyEntry) int { return cmp.Compare(a.state().start, b.state().start) })
	items := make([]any, len(found))
	for i, e := range found {
		items[i] = e.wrap(js)
	}
	return js.VM.NewArray(items...)
}
