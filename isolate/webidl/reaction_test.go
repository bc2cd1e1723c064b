package webidl_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// Reactions from Go run in the microtask in which those of a script would.
func TestThenOrder(t *testing.T) {
	js := newRealm()
	var log []string
	note := func(s string) { log = append(log, s) }
	js.VM.Set("note", note)
	js.VM.Set("then", func(v goja.Value, label string) {
		js.Then(v, func(goja.Value) { note(label) }, func(goja.Value) { note(label + " rejected") })
	})
	js.VM.Set("microtask", func(label string) { js.Microtask(func() { note(label) }) })
	if _, err := js.VM.RunString(`
		var p = Promise.resolve();
		p.then(() => { note("a"); microtask("nested"); note("a2") });
		then(p, "b");
		p.then(() => note("c"));
		microtask("d");
		p.then(() => note("e"));
		then(Promise.reject(1), "f");
		then(3, "g");
		then({ then(resolve) { resolve() } }, "thenable");
		p.then(() => note("h")).then(() => note("i"));
		Object.defineProperty(p, "constructor", { get() { throw new Error() } });
		then(p, "j");
	`); err != nil {
		t.Fatal(err)
	}
	const want = "a a2 b c d e f rejected g h j rejected nested thenable i"
	if got := strings.Join(log, " "); got != want {
		t.Errorf("order\n got %s\nwant %s", got, want)
	}
}

func TestAtomically(t *testing.T) {
	js := newRealm()
	var log []string
	js.VM.Set("note", func(s string) { log = append(log, s) })
	p := js.NewPromise()
	js.VM.Set("p", p.Value())
	if _, err := js.VM.RunString(`p.then(() => note("reaction"))`); err != nil {
		t.Fatal(err)
	}
	js.Atomically(func() {
		p.Resolve(nil)
		log = append(log, "after")
	})
	if got := strings.Join(log, " "); got != "after reaction" {
		t.Error(got)
	}
}
