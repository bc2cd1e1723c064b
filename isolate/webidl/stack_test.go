package webidl_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestStackText(t *testing.T) {
	for _, c := range []struct{ stack, want string }{
		{"", ""},
		{"Error: x\n", "Error: x\n"}, // a text of the script's
		{"Error: x\n\tat src/index.ts:1:2(3)\n", "Error: x\n    at src/index.ts:1:2"},
		{"Error: a\nb\n\tat f (a.js:10:57(104))\n\tat each (native)\n\tat native\n", "Error: a\nb\n    at f (a.js:10:57)\n    at each (<anonymous>)\n    at <anonymous>"},
		{"Error: x\n\tat get a b (my (1) file.js:1:2(3))\n", "Error: x\n    at get a b (my (1) file.js:1:2)"},
		{"Error\n\tat home, (1)\n    at f (a.js:1:2)", "Error\n\tat home, (1)\n    at f (a.js:1:2)"},
	} {
		if got := webidl.StackText(c.stack); got != c.want {
			t.Errorf("%q gives %q, want %q", c.stack, got, c.want)
		}
	}
}

// TestStackForm compares the engine's text with the frames it stands for.
func TestStackForm(t *testing.T) {
	vm := goja.New()
	var frames strings.Builder
	frames.WriteString("Error: x")
	vm.Set("capture", func(goja.FunctionCall) goja.Value {
		webidl.AppendFrames(&frames, vm.CaptureCallStack(0, nil)[1:])
		return nil
	})
	v, err := vm.RunScript("src/a.js", `function f() { return (capture(), new Error("x")) }; const o = {get g() { return (() => f())() }}; o.g.stack`)
	if err != nil {
		t.Fatal(err)
	}
	places := func(s string) string { return s[:strings.LastIndex(s, "(")] }
	engine := strings.Split(webidl.StackText(v.String()), "\n")
	own := strings.Split(frames.String(), "\n")
	if len(engine) != len(own) || len(own) != 5 {
		t.Fatalf("%q\n%q", engine, own)
	}
	for i := range own {
		if i == 1 { // two places of the same function
			engine[i], own[i] = places(engine[i]), places(own[i])
		}
		if engine[i] != own[i] {
			t.Errorf("line %d: %q by the engine, %q by its frames", i, engine[i], own[i])
		}
	}
}
