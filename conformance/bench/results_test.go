package main

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestResults(t *testing.T) {
	before := &results{Cold: []coldStart{{Worker: "hello", From: "stored", P50: 500}}, Isolates: &isolates{Each: 1000}}
	before.take(figures{Worker: "hello", Server: "fasthttp", CPU: 10, Rate: 7})
	before.take(figures{Worker: "hello", Server: "mayfly", CPU: 25})
	before.take(figures{Worker: "hello", Server: "mayfly", CPU: 20, Rate: 5})
	before.take(figures{Worker: "hello", Server: "mayfly", CPU: 21})
	before.take(figures{Worker: "kv", Server: "miniflare", CPU: 40})
	before.take(figures{Worker: "kv", Server: "mayfly", CPU: 20})
	if best := before.find("hello", "mayfly"); best == nil || best.CPU != 20 || best.Rate != 5 {
		t.Errorf("best round is %+v", best)
	}
	var table strings.Builder
	before.print(&table)
	for _, want := range []string{"mayfly            20.0           5", "0.50", "1000 bytes each"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, &table)
		}
	}

	file := filepath.Join(t.TempDir(), "r.json")
	if err := before.write(file); err != nil {
		t.Fatal(err)
	}
	after, err := readResults(file)
	if err != nil || !reflect.DeepEqual(after, before) {
		t.Fatalf("read %+v, %v", after, err)
	}
	var text strings.Builder
	if err := compare(&text, before, after, 0.1); err != nil {
		t.Error(err)
	}
	after.find("hello", "fasthttp").CPU = 100 // another server's is no fault of ours
	if err := compare(&text, before, after, 0.1); err != nil {
		t.Error(err)
	}
	after.find("hello", "mayfly").CPU = 23
	after.Cold[0].P50 = 600
	text.Reset()
	if err := compare(&text, before, after, 0.1); !errors.Is(err, errWorse) || !strings.Contains(err.Error(), "2 figures") {
		t.Errorf("error %v\n%s", err, &text)
	}
}
