package webidl_test

import (
	"errors"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestCheckpoint(t *testing.T) {
	vm := goja.New()
	js := webidl.NewRealm(vm, webidl.Options{})
	stop, rounds := false, 0
	vm.Set("work", func() {
		for range 10 {
			if stop {
				vm.Interrupt("limit")
			}
			js.Checkpoint()
			rounds++
		}
	})
	if _, err := vm.RunString(`work()`); err != nil || rounds != 10 {
		t.Fatalf("%d rounds, %v", rounds, err)
	}
	stop = true
	_, err := vm.RunString(`try { work() } catch (e) {} finally { work() }`)
	var interrupted *goja.InterruptedError
	if !errors.As(err, &interrupted) || rounds != 10 {
		t.Fatalf("%d rounds, %v", rounds, err)
	}
}
