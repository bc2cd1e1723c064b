package main

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

func sample() *results {
	r := &results{
		Machine: "M", Cores: 2, Versions: map[string]string{"workerd": "1"},
		Cold:     []coldStart{{Worker: "hello", From: "stored", P50: 500}},
		Isolates: []isolates{{Server: "mayfly", Count: 10_000, After: 2e9, Each: 1000}},
		Scaling:  []scaling{{Server: "mayfly", Cores: 2, One: 100, All: 190}},
		Shares:   []shares{{"hello", "mayfly", map[string]float64{"kernel": 0.75, "memory": 0.25}}},
		Notes:    []string{"a note"},
	}
	r.take(figures{Worker: "hello", Server: "fasthttp", CPU: 10, Rate: 7})
	r.take(figures{Worker: "hello", Server: "mayfly-none", CPU: 25})
	r.take(figures{Worker: "hello", Server: "mayfly-none", CPU: 20, Rate: 5})
	r.take(figures{Worker: "hello", Server: "mayfly-none", CPU: 21})
	r.take(figures{Worker: "hello", Server: "workerd", CPU: 100})
	r.take(figures{Worker: "kv-get", Server: "miniflare", CPU: 40})
	r.take(figures{Worker: "kv-get", Server: "mayfly", CPU: 50})
	return r
}

func TestResults(t *testing.T) {
	before := sample()
	if best := before.find("hello", "mayfly-none"); best == nil || best.CPU != 20 || best.Rate != 5 {
		t.Errorf("best round is %+v", best)
	}
	var table strings.Builder
	before.print(&table)
	for _, want := range []string{"mayfly-none            20.0           5", "1.8 x fasthttp: missed, 0.3 x workerd: met", "1.0 KB each", "1.90 times", "note: a note"} {
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
	after.find("hello", "mayfly-none").CPU = 23
	after.Cold[0].P50 = 600
	text.Reset()
	if err := compare(&text, before, after, 0.1); !errors.Is(err, errWorse) || !strings.Contains(err.Error(), "2 figures") {
		t.Errorf("error %v\n%s", err, &text)
	}
}

func TestMerge(t *testing.T) {
	dir := t.TempDir()
	part := func(name string, r *results) string {
		file := filepath.Join(dir, name)
		if err := r.write(file); err != nil {
			t.Fatal(err)
		}
		return file
	}
	whole := sample()
	first, second, other := *whole, results{Machine: "M", Cores: 2, Cold: whole.Cold, Notes: whole.Notes}, results{Machine: "N"}
	first.Cold = nil
	r, err := mergeFiles([]string{part("1", &first), part("2", &second)})
	if err != nil || !reflect.DeepEqual(r, whole) {
		t.Errorf("merged %+v, %v", r, err)
	}
	if _, err := mergeFiles([]string{part("1", &first), part("3", &other)}); err == nil {
		t.Error("results of two machines were merged")
	}
}

func TestPage(t *testing.T) {
	r := sample()
	const page = "# A\n<!-- bench summary -->\nold\n<!-- /bench -->\ntext\n<!-- bench losses --><!-- /bench -->\nend\n"
	const want = `# A
<!-- bench summary -->
| worker | fasthttp | mayfly | mayfly-none | workerd |
|---|--:|--:|--:|--:|
| hello: a constant text | 10.0 µs | | 20.0 µs | 100.0 µs |
| kv-get: KV get of 1 KB of text | | 50.0 µs | | 40.0 µs (miniflare) |
<!-- /bench -->
text
<!-- bench losses -->
Mayfly as shipped needs more CPU than workerd for kv-get (1.2 times).
<!-- /bench -->
end
`
	got, err := r.fill(page)
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	if again, err := r.fill(got); err != nil || again != got {
		t.Errorf("filled again, it is %v\n%s", err, again)
	}
	for _, bad := range []string{"no mark", "<!-- bench summary -->", "<!-- bench nothing --><!-- /bench -->"} {
		if _, err := r.fill(bad); err == nil {
			t.Errorf("%q was filled", bad)
		}
	}
	for name, section := range r.sections() {
		if section() == "" {
			t.Errorf("section %s is empty", name)
		}
	}
}

func TestDivide(t *testing.T) {
	p := &profile.Profile{}
	sample := func(n int64, stack ...string) {
		s := &profile.Sample{Value: []int64{1, n}}
		for _, name := range stack {
			s.Location = append(s.Location, &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: name}}}})
		}
		p.Sample = append(p.Sample, s)
	}
	sample(10, "internal/runtime/syscall/linux.Syscall6", "syscall.write", "net.(*conn).Write")
	sample(20, "runtime.memclrNoHeapPointers", "runtime.mallocgc", "github.com/dop251/goja.(*vm).run")
	sample(30, "runtime.memmove", "github.com/dop251/goja.add.exec", "github.com/mayfly-edge/mayfly/isolate.run")
	sample(40, "bytes.Equal", "github.com/mayfly-edge/mayfly/runtime/ingress.parse")
	sample(50, "github.com/mayfly-edge/mayfly/runtime/ingress.parse")
	sample(25, "runtime.findRunnable", "runtime.schedule")
	sample(25, "runtime._ExternalCode", "runtime._System")
	want := map[string]float64{"kernel": 0.05, "memory": 0.1, "interpreter": 0.15, "libraries": 0.2, "Mayfly": 0.25, "scheduler": 0.125, "WebAssembly": 0.125}
	if got := divide(p); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
