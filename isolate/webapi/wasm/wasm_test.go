package wasm

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate"
	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

var modules = map[string][]byte{
	"arithmetic": arithmetic(), "fib": fib(), "runaway": runaway(), "memory": memory(), "imports": imports(), "tables": tables(), "client": client(), "references": references(),
}

// give makes the modules for tests globals of the realm.
func give(t testing.TB, js *webidl.Realm) {
	for name, b := range modules {
		o, err := NewModule(js, b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		js.VM.Set(name, o)
	}
}

func newRealm(t testing.TB, o Options) *webidl.Realm {
	t.Helper()
	js := webidl.NewRealm(goja.New(), webidl.Options{Globals: webidl.NewGlobals(New(o)), Loop: eventloop.New(eventloop.Options{})})
	t.Cleanup(func() { machineOf(js).close() })
	give(t, js)
	if _, err := js.VM.RunString(`
		var make = (m, i) => new WebAssembly.Instance(m, i).exports;
		var text = e => e.name + ": " + e.message;
		var fails = f => { try { return "returned " + f() } catch (e) { return text(e) } };`); err != nil {
		t.Fatal(err)
	}
	return js
}

func TestWebAssembly(t *testing.T) {
	for _, c := range []struct{ name, js, want string }{
		{"add", `make(arithmetic).add32(2 ** 31 - 1, "1")`, "-2147483648"},
		{"add i64", `make(arithmetic).add64(2n ** 63n - 1n, 1n)`, "-9223372036854775808"},
		{"i64 wraps", `make(arithmetic).add64(2n ** 64n + 5n, true)`, "6"},
		{"i64 needs a BigInt", `fails(() => make(arithmetic).add64(1, 2n))`, "TypeError: Cannot convert 1 to a BigInt"},
		{"add f32", `make(arithmetic).addf32(0.1, 0.2)`, "0.30000001192092896"},
		{"add f64", `make(arithmetic).addf64(0.1, 0.2)`, "0.30000000000000004"},
		{"missing arguments", `[make(arithmetic).add32(), make(arithmetic).addf64(1)].join()`, "0,NaN"},
		{"multi-value", `make(arithmetic).swap(1, 2n).map(v => typeof v + v).join()`, "bigint2,number1"},
		{"divide by zero", `fails(() => make(arithmetic).div(1, 0))`, "RuntimeError: divide by zero"},
		{"trap", `var e = make(runaway); try { e.trap() } catch (x) { text(x) + (x instanceof WebAssembly.RuntimeError) + (x instanceof Error) }`, "RuntimeError: unreachabletruetrue"},
		{"stack overflow", `var e = make(runaway); fails(e.overflow) + fails(e.trap)`, "RangeError: Maximum call stack size exceededRuntimeError: unreachable"},
		{"fib", `make(fib).fib(20)`, "6765"},
		{"function properties", `var e = make(arithmetic); [e.add32.name, e.add32.length, e.swap.name, typeof e.add32].join()`, "0,2,4,function"},
		{"not a constructor", `fails(() => new (make(arithmetic).add32)(1, 2))`, "TypeError: Value is not a constructor"},
		{"exports", `var e = make(arithmetic); [Object.isFrozen(e), Object.getPrototypeOf(e), Object.keys(e)].join()`, "true,,add32,add64,addf32,addf64,swap,div"},
		{"identity", `var i = new WebAssembly.Instance(memory); [i.exports === i.exports, i.exports.memory === i.exports.memory, i.exports.memory.buffer === i.exports.memory.buffer].join()`, "true,true,true"},
		{"one function two names", `var e = make(tables); e.double === e.twice`, "true"},

		{"memory", `var e = make(memory); new Int32Array(e.memory.buffer)[2] = 42; e.store(4, e.load(8) + 1); [new Int32Array(e.memory.buffer)[1], e.memory.buffer.byteLength].join()`, "43,65536"},
		{"memory out of bounds", `fails(() => make(memory).load(65536))`, "RuntimeError: memory access out of bounds"},
		{"grow from JavaScript", `var e = make(memory), b = e.memory.buffer; e.store(0, 5); var r = e.memory.grow(1); [r, b.byteLength, e.memory.buffer.byteLength, e.load(0), e.load(65536)].join()`, "1,0,131072,5,0"},
		{"grow from wasm", `var e = make(memory), b = e.memory.buffer, v = new Uint8Array(b); e.store(0, 5); var r = e.grow(2); [r, b.byteLength, v.length, e.memory.buffer.byteLength, new Uint8Array(e.memory.buffer)[0]].join()`, "1,0,0,196608,5"},
		{"grow too much", `var e = make(memory); [e.grow(3), fails(() => e.memory.grow(3))].join()`, "-1,RangeError: Failed to execute 'grow' on 'Memory': Unable to grow instance memory"},
		{"own memory", `var m = new WebAssembly.Memory({initial: 1, maximum: 3}); new Uint8Array(m.buffer)[4] = 9;
			var e = make(client, {m: {memory: m, load: make(memory).load}, t: {...make(tables), base: 1}}); [e.memory === m, e.run(4)].join()`, "true,8"},
		{"memory limit", `fails(() => new WebAssembly.Memory({initial: 2049}))`, "RangeError: Failed to construct 'Memory': WebAssembly.Memory(): could not allocate memory: the limit is 128 MB"},
		{"memories that are let go of", `for (var i = 0; i < 40; i++) new WebAssembly.Memory({initial: 500}); "done"`, "done"},

		{"import", `make(imports, {env: {f: (a, b) => a + Number(b) / 2, pair() { return [1, 2] }}}).call(1, 5n)`, "3.5"},
		{"multi-value import", `make(imports, {env: {f() {}, pair: () => new Set([20, "22"])}}).sum()`, "42"},
		{"multi-value of wrong length", `fails(make(imports, {env: {f() {}, pair: () => [1]}}).sum)`, "TypeError: multi-return length mismatch"},
		{"throwing through wasm", `var o = {}; try { make(imports, {env: {f() { throw o }, pair() {}}}).call(1, 2n) } catch (e) { e === o }`, "true"},
		{"throwing from a conversion", `fails(() => make(imports, {env: {f: () => 1n, pair() {}}}).call(1, 2n))`, "TypeError: Cannot convert a BigInt value to a number"},
		{"undefined result", `make(imports, {env: {f() {}, pair() {}}}).call(1, 2n)`, "NaN"},
		{"recursion through JavaScript", `var e = make(imports, {env: {f: (a, b) => a ? e.call(a - 1, b) + 1 : Number(b), pair() {}}}); e.call(50, 1n)`, "51"},
		{"called again by a conversion", `var e = make(arithmetic); e.add32(1, {valueOf: () => e.add32(20, 30)})`, "51"},
		{"re-exported import", `var f = () => 1.5, e = make(imports, {env: {f, pair() {}}}); [e.f === f, e.f(1, 2n), e.f.name].join()`, "false,1.5,0"},
		{"no imports object", `fails(() => new WebAssembly.Instance(imports))`, "TypeError: Failed to construct 'Instance': WebAssembly.Instance(): Imports argument must be present and must be an object"},
		{"no module", `fails(() => make(imports, {}))`, `TypeError: Failed to construct 'Instance': WebAssembly.Instance(): Import #0 "env": module is not an object or function`},
		{"no function", `fails(() => make(imports, {env: {f: 1}}))`, `LinkError: WebAssembly.Instance(): Import #0 "env" "f": function import requires a callable`},
		{"wrong signature", `fails(() => make(imports, {env: {f: make(fib).fib}}))`, `LinkError: WebAssembly.Instance(): Import #0 "env" "f": imported function does not match the expected type`},
		{"memory too small", `fails(() => make(client, {m: {memory: new WebAssembly.Memory({initial: 0, maximum: 3}), load: make(memory).load}, t: {...make(tables), base: 1}})).slice(0, 9)`, "LinkError"[:9]},
		{"linked instances", `var m = make(memory), t = make(tables), e = make(client, {m, t: {table: t.table, counter: t.counter, base: 100}});
			m.store(0, 5); t.counter.value = 30; [e.run(0), e.memory === m.memory, e.load === m.load, e.table === t.table, e.counter === t.counter].join()`, "135,true,true,true,true"},

		{"table", `var {table, double, call} = make(tables); [table.length, table.get(0), table.get(1) === double, table.get(2)(5), table.get(2) === table.get(2), call(2, 6)].join()`, "4,,true,25,true,36"},
		{"table set", `var {table, double, call} = make(tables), {fib: f} = make(fib); table.set(0, f); table.set(2, null); [call(0, 10), table.get(0) === f, table.get(2), fails(() => call(2, 1))].join()`,
			"55,true,,RuntimeError: table index is out of bounds"},
		{"table grow", `var {table, call, double} = make(tables); [table.grow(2), table.length, table.grow(1, double), call(6, 4)].join()`, "4,6,6,8"},
		{"table bounds", `var {table} = make(tables); [fails(() => table.get(4)), fails(() => table.set(4, null)), fails(() => table.set(0, () => 1))].join("|")`,
			"RangeError: Failed to execute 'get' on 'Table': invalid address 4 in funcref table of size 4|RangeError: Failed to execute 'set' on 'Table': invalid address 4 in funcref table of size 4|TypeError: Failed to execute 'set' on 'Table': function-typed object expected"},
		{"own table", `var t = new WebAssembly.Table({element: "anyfunc", initial: 2, maximum: 3}, make(fib).fib); [t.get(1)(10), t.grow(1), fails(() => t.grow(1))].join()`, "55,2,RangeError: Failed to execute 'grow' on 'Table': failed to grow table by 1"},
		{"external references", `var t = new WebAssembly.Table({element: "externref", initial: 2}), o = {}; t.set(0, o); t.set(1, "x"); [t.get(0) === o, t.get(1)].join()`, "true,x"},
		{"external references through wasm", `var e = make(references), o = {}, t = new WebAssembly.Table({element: "externref", initial: 1}, "table");
			e.keep(o); for (let i = 0; i < 10000; i++) if (e.pass({i}).i !== i) throw i; [e.kept().every(v => v === o), e.pass(null), e.pass(undefined), e.pass(1.5), t.get(0)].join()`, "true,,,1.5,table"},
		{"global", `var g = new WebAssembly.Global({value: "i64", mutable: true}, 5n); g.value += 1n; [g.value, g.valueOf()].join()`, "6,6"},
		{"exported globals", `var {counter, big} = make(tables); counter.value = -1; [counter.value, big.value, fails(() => { big.value = 1n })].join()`,
			"-1,1099511627776,TypeError: Failed to set the 'value' property on 'Global': Can't set the value of an immutable global."},
		{"constant globals", `["i32", "i64", "f32", "f64"].map(t => new WebAssembly.Global({value: t}, t == "i64" ? -3n : -3.5).value).join()`, "-3,-3,-3.5,-3.5"},

		{"module exports", `JSON.stringify(WebAssembly.Module.exports(memory))`, `[{"name":"memory","kind":"memory"},{"name":"load","kind":"function"},{"name":"store","kind":"function"},{"name":"grow","kind":"function"}]`},
		{"module imports", `JSON.stringify(WebAssembly.Module.imports(imports))`, `[{"module":"env","name":"f","kind":"function"},{"module":"env","name":"pair","kind":"function"}]`},
		{"compiling is refused", `fails(() => new WebAssembly.Module(new Uint8Array(8)))`, "CompileError: WebAssembly.Module(): Wasm code generation disallowed by embedder"},
		{"validate", `[WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])), WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 2, 0, 0, 0]))].join()`, "true,false"},
		{"errors", `class E extends WebAssembly.LinkError {}; var e = new E("m", {cause: 1}), c = WebAssembly.CompileError("x");
			[e instanceof WebAssembly.LinkError, e instanceof E, e.name, e.message, e.cause, String(c), c instanceof WebAssembly.CompileError, Object.getPrototypeOf(WebAssembly.LinkError) === Error].join()`, "true,true,LinkError,m,1,CompileError: x,true,true"},
		{"tags", `[WebAssembly, make(memory).memory, memory].map(o => Object.prototype.toString.call(o)).join()`, "[object WebAssembly],[object WebAssembly.Memory],[object WebAssembly.Module]"},
		{"instance class", `new WebAssembly.Instance(fib) instanceof WebAssembly.Instance`, "true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			js := newRealm(t, Options{})
			js.VM.SetMaxCallStackSize(1500)
			v, err := js.VM.RunString(c.js)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.String(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestPromises(t *testing.T) {
	js := newRealm(t, Options{})
	var out []string
	js.VM.Set("out", func(s string) { out = append(out, s) })
	if _, err := js.VM.RunString(`
		(async () => {
			const i = await WebAssembly.instantiate(fib);
			out(String(i instanceof WebAssembly.Instance) + i.exports.fib(10));
			for (const f of [() => WebAssembly.compile(new Uint8Array(8)), () => WebAssembly.instantiate(new ArrayBuffer(8)), () => WebAssembly.instantiate(fib, 1),
				() => WebAssembly.instantiate(imports, {env: {}}), () => WebAssembly.compile()])
				await f().catch(e => out(text(e)));
		})()`); err != nil {
		t.Fatal(err)
	}
	want := `true55
CompileError: WebAssembly.compile(): Wasm code generation disallowed by embedder
CompileError: WebAssembly.instantiate(): Wasm code generation disallowed by embedder
TypeError: WebAssembly.instantiate(): Argument 1 must be an object
LinkError: WebAssembly.instantiate(): Import #0 "env" "f": function import requires a callable
TypeError: WebAssembly.compile(): Argument 0 must be a buffer source`
	if got := strings.Join(out, "\n"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestInterrupt(t *testing.T) {
	for name, script := range map[string]string{
		"loop":               `new WebAssembly.Instance(runaway).exports.loop()`,
		"recursion":          `new WebAssembly.Instance(runaway).exports.twice(60)`,
		"caught":             `try { new WebAssembly.Instance(runaway).exports.loop() } catch (e) { for (;;); }`,
		"beneath a callback": `const i = new WebAssembly.Instance(imports, {env: {f() { try { new WebAssembly.Instance(runaway).exports.loop() } catch {} }, pair() {}}}); try { i.exports.call(1, 1n) } catch {}; while (true) new WebAssembly.Instance(fib).exports.fib(5)`,
		"loop of callbacks":  `const i = new WebAssembly.Instance(imports, {env: {f() { for (;;) i.exports.sum() }, pair() { return [1, 2] }}}); i.exports.call(1, 1n)`,
	} {
		t.Run(name, func(t *testing.T) { interrupt(t, script) })
	}
}

// TestCollection has the garbage collector stop the world again and again while code runs
// that never ends: neither may wait for the other for ever.
func TestCollection(t *testing.T) {
	done := make(chan struct{})
	var collecting sync.WaitGroup
	collecting.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				runtime.GC()
			}
		}
	})
	defer collecting.Wait()
	defer close(done)
	for range 5 {
		interrupt(t, `new WebAssembly.Instance(runaway).exports.loop()`)
		interrupt(t, `new WebAssembly.Instance(runaway).exports.twice(60)`)
	}
}

// interrupt runs a script without an end until its CPU limit.
func interrupt(t *testing.T, script string) {
	t.Helper()
	dog := isolate.NewWatchdog()
	defer dog.Close()
	iso := isolate.New(isolate.Options{Watchdog: dog, Globals: webidl.NewGlobals(Globals), Limits: isolate.Limits{Startup: 50 * time.Millisecond}})
	defer iso.Close()
	if _, err := iso.Start(func() { give(t, iso.Realm) }); err != nil {
		t.Fatal(err)
	}
	went := false
	used, err := iso.Start(func() {
		_, err := iso.Realm.VM.RunString(script)
		if err != nil && webidl.Interrupted(err) {
			panic(err)
		}
		t.Errorf("went on with %v", err)
		went = true
	})
	if !isolate.ExceededCPU(err) || went {
		t.Errorf("error %v after %v", err, used)
	}
}

func TestInvalidModules(t *testing.T) {
	js := newRealm(t, Options{})
	valid := tables()
	for n := range valid {
		if n == 8 { // an empty module is a module
			continue
		}
		if _, err := NewModule(js, valid[:n]); err == nil && decodeError(valid[:n]) != nil {
			t.Errorf("accepted the first %d bytes", n)
		}
	}
	for name, b := range map[string][]byte{
		"huge table":    func() []byte { var b builder; b.tables.add(tableType{funcref, limits{min: 1 << 27}}); return b.bytes() }(),
		"type mismatch": func() []byte { var b builder; b.function(b.types.add(unaryI32), nil); return b.bytes() }(),
		"empty":         {},
		"not wasm":      []byte("export default {}"),
	} {
		_, err := NewModule(js, b)
		if err == nil || !strings.HasPrefix(js.ErrorValue(err).String(), "CompileError: WebAssembly.Module(): ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func decodeError(b []byte) error {
	_, err := decode(b)
	return err
}

func TestShared(t *testing.T) {
	e := shared()
	a, err := e.compile(fib())
	b, err2 := e.compile(fib())
	if err = errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Error("the same bytes were compiled twice")
	}
}

// TestReleased checks that instances that were let go of do not stay.
func TestReleased(t *testing.T) {
	js := newRealm(t, Options{})
	if _, err := js.VM.RunString(`for (let i = 0; i < 2000; i++) {
		const e = new WebAssembly.Instance(imports, {env: {f: () => e.sum(), pair: () => [i, 1]}}).exports;
		if (e.call(1, 1n) !== i + 1) throw i;
		make(memory);
	}`); err != nil {
		t.Fatal(err)
	}
	m := machineOf(js)
	runtime.GC()
	m.sweep()
	if n := len(m.residents); n > 50 {
		t.Errorf("%d of 4000 instances are left", n)
	}
	if m.used > 4<<20 {
		t.Errorf("%d bytes in use", m.used)
	}
	runtime.KeepAlive(js)
}

func TestExternsAreForgotten(t *testing.T) {
	js := newRealm(t, Options{})
	if _, err := js.VM.RunString(`var e = make(references); for (let i = 0; i < 10000; i++) e.pass({})`); err != nil {
		t.Fatal(err)
	}
	if n := len(machineOf(js).externs.values); n > 1100 {
		t.Errorf("%d values are kept", n)
	}
}

func FuzzDecode(f *testing.F) {
	for _, b := range modules {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := decode(b); err == nil {
			if r, err := rewrite(l); err == nil {
				_, _ = decode(r)
			}
		}
	})
}

func benchmark(b *testing.B, script string) {
	js := newRealm(b, Options{})
	v, err := js.VM.RunString(script)
	if err != nil {
		b.Fatal(err)
	}
	run, _ := goja.AssertFunction(v)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := run(goja.Undefined(), js.VM.ToValue(b.N)); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkCall(b *testing.B) {
	benchmark(b, `var add = make(arithmetic).add32; n => { for (let i = 0; i < n; i++) add(i, 1) }`)
}

func BenchmarkCallback(b *testing.B) {
	benchmark(b, `var sum = make(imports, {env: {f() {}, pair: () => [1, 2]}}).call; n => { for (let i = 0; i < n; i++) sum(1, 2n) }`)
}

func BenchmarkFib25(b *testing.B) {
	benchmark(b, `var {fib: f} = make(fib); n => { for (let i = 0; i < n; i++) f(25) }`)
}

func BenchmarkFib25JavaScript(b *testing.B) {
	benchmark(b, `var f = n => n < 2 ? n : f(n - 1) + f(n - 2); n => { for (let i = 0; i < n; i++) f(25) }`)
}

func BenchmarkInstantiate(b *testing.B) {
	benchmark(b, `n => { for (let i = 0; i < n; i++) make(imports, {env: {f() {}, pair() {}}}) }`)
}
