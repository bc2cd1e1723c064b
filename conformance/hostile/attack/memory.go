package attack

// memory are scripts that keep what they allocate. They get more CPU time than others,
// so that it is the memory limit that ends them.
var memory = []Vector{
	{Name: "objects", Code: `const a = []; for (;;) a.push({x: 1})`, Want: ends(Memory), Heavy: true},
	{Name: "strings", Code: `const a = []; for (let i = 0;; i++) a.push(("x" + i).repeat(1000))`, Want: ends(Memory)},
	{Name: "string that doubles", Code: `let s = "x"; const a = []; for (let i = 0;; i++) { s += s; if (s.length > 1e6) { a.push(s); s = "x" + i } }`, Want: ends(Memory)},
	{Name: "one string that doubles", Code: `let s = "x"; for (;;) s += s`, Want: ends(Memory, Dies, Hangs), Heavy: true},
	{Name: "map", Code: `const m = new Map(); for (let i = 0;; i++) m.set(i, [i])`, Want: ends(Memory), Heavy: true},
	{Name: "closures", Code: `const a = []; for (;;) { const q = [1]; a.push(() => q) }`, Want: ends(Memory), Heavy: true},
	{Name: "buffers", Code: `const a = []; for (;;) a.push(new Uint8Array(65536).fill(1))`, Want: ends(Memory)},
	{Name: "untouched buffers", Code: `const a = []; for (;;) a.push(new Uint8Array(1e7))`, Want: ends(Memory)},
	{Name: "array buffers", Code: `const a = []; for (;;) a.push(new ArrayBuffer(1e6))`, Want: ends(Memory)},
	{Name: "copies of buffers", Code: `const a = [], b = new Uint8Array(1e6); for (;;) a.push(new Float64Array(b))`, Want: ends(Memory)},
	{Name: "slices of a buffer", Code: `const a = [], b = new ArrayBuffer(1e7); for (;;) a.push(b.slice(0))`, Want: ends(Memory)},
	{Name: "arrays", Code: `const a = []; for (;;) a.push(new Array(1000).fill(0.5))`, Want: ends(Memory)},
	{Name: "within callbacks", Code: `const a = []; const f = d => d ? [1].forEach(() => f(d - 1)) : (() => { for (;;) a.push([1, 2, 3]) })(); f(8)`, Want: ends(Memory), Heavy: true},
	{Name: "across turns", Code: `const a = []; for (;;) { for (let i = 0; i < 1e4; i++) a.push({x: 1}); await scheduler.wait(0) }`, Want: ends(Memory), Heavy: true},
	{Name: "promises", Code: `const a = []; for (;;) a.push(new Promise(() => {}).then(() => a))`, Want: ends(Memory), Heavy: true},
	{Name: "symbols", Code: `const o = {}; for (;;) o[Symbol()] = 1`, Want: ends(Memory), Heavy: true},
	{Name: "text encoded", Code: `const a = [], e = new TextEncoder(), s = "x".repeat(1e6); for (;;) a.push(e.encode(s))`, Want: ends(Memory)},
	{Name: "clones", Code: `const a = [], b = new Array(1e4).fill(1.5); for (;;) a.push(structuredClone(b))`, Want: ends(Memory), Heavy: true},
	{Name: "blobs", Code: `const a = [], s = "x".repeat(1e6); for (let i = 0;; i++) a.push(new Blob([s, String(i)]))`, Want: ends(Memory)},
	{Name: "responses", Code: `const a = [], s = "x".repeat(1e6); for (let i = 0;; i++) a.push(new Response(s + i))`, Want: ends(Memory)},
	{Name: "stream that is not read", Code: `const s = new ReadableStream({ start(c) { for (;;) c.enqueue("x".repeat(1e5)) } })`, Want: ends(Memory)},
	{Name: "garbage only", Code: `for (let i = 0; i < 3000; i++) new Uint8Array(1e5); return new Response()`, Want: ends(OK)},
}
