package ecma_test

import (
	"github.com/dop251/goja"
	"github.com/mayfly-edge/mayfly/isolate/ecma"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
	"testing"
)

func TestGuardedInstanceOf(t *testing.T) {
	vm := goja.New()
	js := webidl.NewRealm(vm, webidl.Options{})
	ecma.Install(js, nil)
	v, err := vm.RunString(`class B extends Uint8Array {}; [new ArrayBuffer(1) instanceof ArrayBuffer, new Uint8Array(2) instanceof Uint8Array, new B(1) instanceof Uint8Array, new B(1) instanceof B, new Uint8Array(1) instanceof B, {} instanceof ArrayBuffer, new Uint8Array(3).buffer instanceof ArrayBuffer, new B(2).slice(1) instanceof B, Uint8Array.from([1]) instanceof Uint8Array].join()`)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.String(); got != "true,true,true,true,false,false,true,true,true" {
		t.Error(got)
	}
}
