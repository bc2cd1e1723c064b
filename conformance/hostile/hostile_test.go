package main

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/conformance/process"
)

// TestShort attacks with one of each group, in the containment that is the default.
func TestShort(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the origin needs an address of its own on the loopback interface")
	}
	binary, err := process.Build(t.Context(), t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-short", "-mayfly", binary}, &out); err != nil {
		t.Error(err)
	}
	t.Logf("\n%s", &out)
}

// TestGroups wants an attack for every group there is to be.
func TestGroups(t *testing.T) {
	seen, groups, short := map[string]bool{}, map[string]int{}, 0
	for _, s := range all() {
		name := s.group + "/" + s.name
		if seen[name] {
			t.Errorf("two attacks are called %s", name)
		}
		seen[name] = true
		groups[s.group]++
		if s.short {
			short++
		}
	}
	for group := range strings.SplitSeq("cpu, memory, stack, size, native loop, regexp, parser, flood, object, prototype pollution, thenables; proxies, "+
		"request smuggling, header injection, body floods, slow clients, decompression, websocket, KV floods, cache poisoning, ssrf, "+
		"ssrf by redirect, dns rebinding, hostile origins, worker loops, cross-account, cron storms, secrets, control plane, hostile uploads", ", ") {
		if groups[strings.ReplaceAll(group, ";", ",")] == 0 {
			t.Errorf("there is no attack of the group %s", group)
		}
	}
	if len(seen) < 300 || short < 12 {
		t.Errorf("%d attacks, %d in the short form", len(seen), short)
	}
}

func TestRowsAreJudged(t *testing.T) {
	loud := &assault{group: "g", name: "n", deadly: true}
	for _, c := range []struct {
		row         row
		containment string
		want        string
		fails       bool
	}{
		{row{assault: loud, finding: finding{ended: "ok"}}, "process", "held", false},
		{row{assault: loud, finding: finding{ended: "x", wrong: "bad"}}, "process", "NOT HELD: bad", true},
		{row{assault: loud, finding: finding{ended: "x", wrong: "bad"}}, "none", "NOT HELD, as known: bad", false},
		{row{assault: loud, bystanders: 2, requests: 9}, "process", "held, 2 bystanders of 9", false},
	} {
		if got := c.row.line(c.containment); !strings.Contains(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
		a := &arena{containment: c.containment}
		if err := a.summary(&bytes.Buffer{}, []row{c.row}); (err != nil) != c.fails {
			t.Errorf("%q: %v", c.want, err)
		}
	}
}
