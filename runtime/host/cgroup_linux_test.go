package host

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A folder stands in for the control group, whose files it can be seen to write.
func TestMemoryGroup(t *testing.T) {
	dir := t.TempDir()
	g := &groups{dir: dir}
	if part := g.limit(42, 1<<30); !part.Active {
		t.Fatal(part)
	}
	for file, want := range map[string]string{"memory.max": "1073741824", "memory.swap.max": "0", "cgroup.procs": "42"} {
		if got, err := os.ReadFile(filepath.Join(dir, "mayfly-host-42", file)); err != nil || string(got) != want {
			t.Errorf("%s is %q (%v), want %q", file, got, err, want)
		}
	}
	if part := g.limit(42, 1<<30); part.Active {
		t.Error("a group in use is entered")
	}
	for text, full := range map[string]bool{"": false, "oom 1\noom_kill 0\n": false, "oom 1\noom_kill 1\noom_group_kill 0\n": true} {
		if err := os.WriteFile(filepath.Join(dir, "mayfly-host-42", "memory.events"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if g.full(42) != full {
			t.Errorf("%q: full is %v", text, !full)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "mayfly-host-43"), 0o755); err != nil {
		t.Fatal(err)
	}
	if part := g.limit(43, 1<<30); !part.Active {
		t.Error("a group that was left behind is in the way: ", part)
	}
	if part := (&groups{err: errors.New("why")}).limit(44, 1); part.Active || part.Reason != "why" {
		t.Error(part)
	}
}

func TestDivide(t *testing.T) {
	dir := t.TempDir()
	write := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("cgroup.controllers", "cpu io pids\n")
	if err := divide(dir); err == nil {
		t.Error("divided without a memory controller")
	}
	write("cgroup.controllers", "cpu io memory pids\n")
	write("cgroup.subtree_control", "cpu\n")
	if err := divide(dir); err == nil {
		t.Error("divided although it is not delegated")
	}
	write("cgroup.subtree_control", "cpu memory\n")
	if err := divide(dir); err != nil {
		t.Error(err)
	}
}
