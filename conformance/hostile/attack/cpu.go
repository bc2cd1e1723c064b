package attack

// cpu are scripts that never come to an end by themselves.
var cpu = []Vector{
	{Name: "loop", Code: `for (;;);`, Want: ends(CPU)},
	{Name: "loop in finally", Code: `for (;;) try { continue } finally { for (;;) try { break } finally {} }`, Want: ends(CPU)},
	{Name: "loop that catches", Code: `for (;;) try { for (;;) throw 1 } catch {}`, Want: ends(CPU)},
	{Name: "top level", Top: `for (;;);`, Want: ends(Refused)},
	{Name: "microtasks", Code: `const again = () => Promise.resolve().then(again); await again(); await new Promise(() => {})`, Want: ends(CPU)},
	{Name: "queueMicrotask", Code: `const again = () => queueMicrotask(again); again(); await new Promise(() => {})`, Want: ends(CPU)},
	{Name: "await", Code: `for (;;) await 0`, Want: ends(CPU)},
	{Name: "async generator", Code: `for await (const x of (async function* () { for (;;) yield 1 })());`, Want: ends(CPU)},
	{Name: "thenable", Code: `const t = { then(f) { f(t) } }; await t`, Want: ends(CPU)},
	{Name: "timer that renews itself", Code: `await new Promise(() => { const f = () => { for (let i = 0; i < 1e5; i++); setTimeout(f) }; f() })`, Want: ends(CPU)},
	{Name: "interval", Code: `await new Promise(() => setInterval(() => { for (let i = 0; i < 1e5; i++); }, 0))`, Want: ends(CPU)},
	{Name: "generator in spread", Code: `return [...(function* () { for (;;) yield })()]`, Want: ends(CPU, Memory)},
	{Name: "iterator in Array.from", Code: `Array.from({[Symbol.iterator]: () => ({next: () => ({done: false})})})`, Want: ends(CPU, Memory)},
	{Name: "Set that grows", Code: `const s = new Set([0]); for (const x of s) s.add(x + 1)`, Want: ends(CPU, Memory)},
	{Name: "sort with a callback", Code: `[3, 2, 1].sort(() => { for (;;); })`, Want: ends(CPU)},
	{Name: "replace with a callback", Code: `"aaa".replace(/a/g, () => { for (;;); })`, Want: ends(CPU)},
	{Name: "getter", Code: `new Request("https://a", {get method() { for (;;); }})`, Want: ends(CPU)},
	{Name: "toJSON", Code: `JSON.stringify({toJSON() { for (;;); }})`, Want: ends(CPU)},
	{Name: "JSON.parse reviver", Code: `JSON.parse("[1]", () => { for (;;); })`, Want: ends(CPU)},
	{Name: "listener", Code: `addEventListener("x", () => { for (;;); }); dispatchEvent(new Event("x"))`, Want: ends(CPU)},
	{Name: "stream", Code: `return new Response(new ReadableStream({ pull() { for (;;); } }))`, Want: ends(CPU, Exception)},
	{Name: "waitUntil", Code: `ctx.waitUntil((async () => { await 0; for (;;); })()); return new Response()`, Want: ends(CPU)},
	{Name: "proxy trap", Code: `Object.keys(new Proxy({}, {ownKeys() { for (;;); }}))`, Want: ends(CPU)},
	{Name: "valueOf", Code: `({valueOf() { for (;;); }}) + 1`, Want: ends(CPU)},
}
