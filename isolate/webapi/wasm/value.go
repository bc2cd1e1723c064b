package wasm

import (
	"math"
	"math/big"
	"slices"
	"weak"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var valueTypeNames = map[valueType]string{
	i32: "i32", i64: "i64", f32: "f32", f64: "f64", v128: "v128", funcref: "anyfunc", externref: "externref",
}

// valueTypeNamed is the ValueType enumeration.
var valueTypeNamed = webidl.NewType("ValueType", func(js *webidl.Realm, v goja.Value) (valueType, error) {
	s := v.ToString().String()
	for t, name := range valueTypeNames {
		if s == name {
			return t, nil
		}
	}
	return 0, webidl.TypeError("The provided value '%s' is not a valid enum value of type ValueType.", s)
})

// toJS converts a value given by its bits.
// https://webassembly.github.io/spec/js-api/#tojsvalue
func (m *machine) toJS(t valueType, bits uint64) goja.Value {
	vm := m.js.VM
	switch t {
	case i32:
		return vm.ToValue(int64(int32(bits)))
	case i64:
		return vm.ToValue(big.NewInt(int64(bits)))
	case f32:
		return vm.ToValue(float64(math.Float32frombits(uint32(bits))))
	case f64:
		return vm.ToValue(math.Float64frombits(bits))
	case funcref:
		if f := m.functionOf(bits); f != nil {
			return f.object
		}
		return goja.Null()
	case externref:
		return m.externs.get(bits)
	}
	m.js.Throw(errVector())
	return nil
}

// toWasm converts a value to its bits. What the script throws passes through.
// https://webassembly.github.io/spec/js-api/#towebassemblyvalue
func (m *machine) toWasm(t valueType, v goja.Value) (uint64, error) {
	switch t {
	case i32:
		n, err := webidl.Long.Convert(m.js, v)
		return uint64(uint32(n)), err
	case i64:
		return bigint(m.js, v), nil
	case f32:
		return uint64(math.Float32bits(float32(v.ToNumber().ToFloat()))), nil
	case f64:
		return math.Float64bits(v.ToNumber().ToFloat()), nil
	case funcref:
		if goja.IsNull(v) {
			return 0, nil
		}
		f := m.exported(v)
		if f == nil {
			return 0, webidl.TypeError("function-typed object expected")
		}
		return m.pointer(f)
	case externref:
		return m.externs.put(v), nil
	}
	return 0, errVector()
}

func errVector() error { return webidl.TypeError("type incompatibility when transforming from/to JS") }

// bigint is ToBigInt64 (https://tc39.es/ecma262/#sec-tobigint64).
func bigint(js *webidl.Realm, v goja.Value) uint64 {
	if _, isObject := v.(*goja.Object); !isObject {
		if n, ok := v.Export().(*big.Int); ok && n.IsInt64() {
			return uint64(n.Int64())
		}
	}
	convert, _ := goja.AssertFunction(js.Global("BigInt").ToObject(js.VM).Get("asIntN"))
	r, err := convert(goja.Undefined(), js.VM.ToValue(64), v)
	if err != nil {
		panic(err) // the engine's to pass on
	}
	n, _ := r.Export().(*big.Int)
	if n == nil { // the script has replaced the function
		js.Throw(webidl.TypeError("Cannot convert value to a BigInt"))
	}
	return new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
}

// vectors reports whether a signature has values that JavaScript cannot have.
func (s signature) vectors() bool {
	return slices.Contains(s.params, v128) || slices.Contains(s.results, v128)
}

// reference is what a function reference stands for.
type reference struct {
	instance weak.Pointer[instance]
	function uint32
}

// functionOf returns the function that a reference stands for, nil for null.
func (m *machine) functionOf(bits uint64) *function {
	if bits == 0 {
		return nil
	}
	if _, ok := m.byPointer[bits]; !ok {
		m.learnReferences()
	}
	r := m.byPointer[bits]
	i := r.instance.Value()
	if i == nil {
		m.js.Throw(webidl.TypeError("the function reference is of an unknown function"))
	}
	return i.function(r.function)
}

// learnReferences reads the tables of referenced functions of all instances that could
// have handed out a reference.
func (m *machine) learnReferences() {
	for i := range m.instances {
		if i := i.Value(); i != nil && i.pointers == nil {
			i.learn()
		}
	}
}

// pointer returns the reference to a function, whose instance stays from then on.
func (m *machine) pointer(f *function) (uint64, error) {
	i := f.instance
	m.pin(i)
	if i.pointers == nil {
		i.learn()
	}
	n, ok := slices.BinarySearch(i.program.referenced, f.index)
	if !ok {
		return 0, webidl.TypeError("function-typed object expected")
	}
	return i.pointers[n], nil
}
