package host

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

func TestEntries(t *testing.T) {
	c := &entries{marks: &Marks{Counts: make([]atomic.Uint64, marks)}}
	key := func(name string) entryKey { return entryKey{1, "KV", name} }
	found := func(n int) outside.KVEntry { return outside.KVEntry{Found: true, Value: make([]byte, n)} }
	c.keep(key("a"), found(3), outside.KVMark{Number: 7})
	c.keep(key("none"), outside.KVEntry{}, outside.KVMark{Number: marks})
	for _, k := range []entryKey{{2, "KV", "a"}, {1, "OTHER", "a"}, key("b")} {
		if e, ok := c.get(k); ok {
			t.Errorf("%v: %+v, which was not read", k, e)
		}
	}
	if e, ok := c.get(key("a")); !ok || len(e.Value) != 3 {
		t.Errorf("%+v, %v", e, ok)
	}
	if e, ok := c.get(key("none")); !ok || e.Found {
		t.Errorf("a missing key: %+v, %v", e, ok)
	}
	c.marks.Counts[6].Add(1)
	if _, ok := c.get(key("a")); ok {
		t.Error("an entry is used after it has changed")
	}
	c.keep(key("a"), found(4), outside.KVMark{Number: 7}) // read before the change
	if _, ok := c.get(key("a")); ok {
		t.Error("an entry that was read before it changed is used")
	}
	for what, m := range map[string]outside.KVMark{"no mark": {}, "no such mark": {Number: marks + 1}} {
		if c.keep(key(what), found(1), m); c.list.Contains(key(what)) {
			t.Error(what)
		}
	}
	if c.keep(key("large"), found(maxEntry), outside.KVMark{Number: 1}); c.list.Contains(key("large")) {
		t.Error("an entry over the limit is kept")
	}
	for i := range 300 {
		for range 2 { // a second time in place of the first
			c.keep(key(fmt.Sprint(i)), found(64<<10), outside.KVMark{Number: 1})
		}
		if c.bytes > maxEntries {
			t.Fatalf("%d bytes are kept", c.bytes)
		}
	}
	if _, ok := c.get(key("299")); !ok || c.bytes < maxEntries/2 {
		t.Errorf("%d bytes are kept, the newest entry: %v", c.bytes, ok)
	}
	for c.list.Len() > 0 {
		c.list.RemoveOldest()
	}
	if c.bytes != 0 {
		t.Errorf("%d bytes in no entry", c.bytes)
	}
}

func TestEntriesWithoutMarks(t *testing.T) {
	var c entries
	k := entryKey{1, "KV", "a"}
	c.keep(k, outside.KVEntry{Found: true}, outside.KVMark{Number: 1})
	if _, ok := c.get(k); ok {
		t.Error("an entry is kept that nobody tells changes of")
	}
}
