package wrangler

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the transcripts")

// TestWrangler runs all scripts with each version of wrangler and compares what is
// printed with the transcripts.
func TestWrangler(t *testing.T) {
	if testing.Short() && !required() {
		t.Skip("wrangler is not run with -short")
	}
	for _, tool := range []string{"npm", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			skip(t, "%s is not installed", tool)
		}
	}
	scripts, err := filepath.Glob("testdata/*.script")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	program := buildServer(t)
	for _, r := range releases {
		t.Run(r.version, func(t *testing.T) {
			t.Parallel()
			path := r.install(t)
			s := startServer(t, program)
			for _, file := range scripts {
				name := strings.TrimSuffix(filepath.Base(file), ".script")
				t.Run(name, func(t *testing.T) {
					text, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					steps, err := parseScript(string(text))
					if err != nil {
						t.Fatalf("%s: %v", file, err)
					}
					p := newPlay(t, s, path, file)
					for _, step := range steps {
						p.play(step)
					}
					p.flush()
					compare(t, filepath.Join("testdata", r.version, name+".txt"), p.transcript.String())
				})
			}
		})
	}
}

// compare checks a transcript against the one in a file, or writes that.
func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want, have := strings.Split(string(text), "\n"), strings.Split(got, "\n")
	for n := range max(len(want), len(have)) {
		var w, h string
		if n < len(want) {
			w = want[n]
		}
		if n < len(have) {
			h = have[n]
		}
		if w != h {
			t.Fatalf("%s:%d:\n is %q,\nnow %q\nRewrite it with -update if that is right.", file, n+1, w, h)
		}
	}
}
