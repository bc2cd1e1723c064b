package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRepairOfDamagedStore damages the files that everything hangs on. The server must
// say what to do, and that must work.
func TestRepairOfDamagedStore(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, store string)
		kept   bool // nothing is lost by it
	}{
		{"list of files overwritten", func(t *testing.T, store string) {
			overwrite(t, filepath.Join(store, "MANIFEST"), 0, []byte("not a list of files"))
		}, true},
		{"list of files gone", func(t *testing.T, store string) {
			if err := os.Truncate(filepath.Join(store, "MANIFEST"), 0); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"head of the value log", func(t *testing.T, store string) {
			logs, _ := filepath.Glob(filepath.Join(store, "*.vlog"))
			for _, log := range logs {
				overwrite(t, log, 0, bytes.Repeat([]byte{0xff}, 8))
			}
		}, true},
		{"tables", func(t *testing.T, store string) {
			tables, _ := filepath.Glob(filepath.Join(store, "*.sst"))
			if len(tables) == 0 {
				t.Fatal("there is no table")
			}
			for _, table := range tables {
				fi, err := os.Stat(table)
				if err != nil {
					t.Fatal(err)
				}
				overwrite(t, table, fi.Size()-20, make([]byte, 20))
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := t.TempDir()
			p := serve(t, data)
			p.deploy("hello", `export default { fetch() { return new Response("hello") } }`)
			if code := p.stop(); code != 0 {
				t.Fatalf("exit code %d", code)
			}
			c.damage(t, filepath.Join(data, "store"))

			code, _, stderr := run(t, map[string]string{"MAYFLY_TOKEN": rootToken}, "", "serve", "--data", data, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--containment", "none")
			if code != 1 || !strings.Contains(stderr, "mayfly repair") {
				t.Fatalf("exit code %d:\n%s", code, stderr)
			}
			code, stdout, stderr := run(t, nil, "", "repair", "--data", data)
			if code != 0 || !strings.Contains(stdout, "records can be read") {
				t.Fatalf("repair: exit code %d:\n%s%s", code, stdout, stderr)
			}
			if code, stdout, _ := run(t, nil, "", "repair", "--data", data); code != 0 || !strings.Contains(stdout, "is in order") {
				t.Errorf("repair again: exit code %d:\n%s", code, stdout)
			}
			p = serve(t, data)
			if a := p.get("hello", "/"); c.kept && a.body != "hello" {
				t.Errorf("after the repair: %d %s", a.status, a.body)
			}
			p.deploy("hello", `export default { fetch() { return new Response("again") } }`)
			if a := p.get("hello", "/"); a.body != "again" {
				t.Errorf("deployed after the repair: %d %s", a.status, a.body)
			}
		})
	}
}

func overwrite(t *testing.T, name string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(with, at); err != nil {
		t.Fatal(err)
	}
}
