package attack

// floods ask for very many small things.
var floods = []Vector{
	{Name: "timers", Code: `for (;;) setTimeout(() => {}, 1e9)`, Want: ends(Exception, CPU)},
	{Name: "intervals", Code: `for (let i = 0; i < 1e5; i++) setInterval(() => {}, 1e9)`, Want: ends(Exception, CPU)},
	{Name: "logs", Code: `for (;;) console.log("x".repeat(1000))`, Want: ends(CPU)},
	{Name: "one large log", Code: `console.log("x".repeat(1e7)); return new Response()`, Want: ends(OK, CPU)},
	{Name: "counters", Code: `for (let i = 0;; i++) console.count("label" + i)`, Want: ends(CPU)},
	{Name: "console timers", Code: `for (let i = 0;; i++) console.time("label" + i)`, Want: ends(CPU)},
	{Name: "console groups", Code: `for (;;) console.group("g")`, Want: ends(CPU)},
	{Name: "subrequests", Code: `for (;;) await fetch("https://a.example/")`, Want: ends(Exception)},
	{Name: "subrequests at once", Code: `await Promise.all(Array.from({length: 1e4}, () => fetch("https://a.example/")))`, Want: ends(Exception, CPU)},
	{Name: "KV reads", Code: `for (;;) await env.KV.get("k")`, Want: ends(Exception, CPU)},
	{Name: "KV key of a megabyte", Code: `await env.KV.get("k".repeat(1e6))`, Want: ends(OK, Exception)},
	{Name: "rejections", Code: `for (let i = 0; i < 1e4; i++) Promise.reject(i); return new Response()`, Want: ends(OK, CPU)},
	{Name: "promise tree", Code: `const f = async d => { if (d) await Promise.all([f(d - 1), f(d - 1)]) }; await f(40)`, Want: ends(CPU, Memory, Exception)},
	{Name: "waitUntil", Code: `for (;;) ctx.waitUntil(new Promise(() => {}))`, Want: ends(CPU, Memory)},
	{Name: "event listeners", Code: `const t = new EventTarget(); for (;;) t.addEventListener("x", () => {})`, Want: ends(CPU, Memory)},
	{Name: "abort signals", Code: `const c = new AbortController(); for (;;) AbortSignal.any([c.signal])`, Want: ends(CPU, Memory)},
	{Name: "abort timeouts", Code: `for (;;) AbortSignal.timeout(1e9)`, Want: ends(Exception, CPU, Memory)},
	{Name: "message channels", Code: `for (;;) new MessageChannel()`, Want: ends(CPU, Memory)},
	{Name: "headers", Code: `const h = new Headers(); for (let i = 0;; i++) h.append("x" + i, "v")`, Want: ends(CPU, Memory)},
	{Name: "form entries", Code: `const f = new FormData(); for (let i = 0;; i++) f.append("x" + i, "v")`, Want: ends(CPU, Memory)},
	{Name: "stream tees", Code: `let s = new Response("x").body; for (;;) [s] = s.tee()`, Want: ends(CPU, Memory)},
	{Name: "transform streams", Code: `for (;;) new TransformStream()`, Want: ends(CPU, Memory)},
	{Name: "finalization", Code: `const r = new FinalizationRegistry(() => {}); for (;;) r.register({}, 1)`, Want: ends(CPU, Memory)},
	{Name: "uncaught in listeners", Code: `addEventListener("x", () => { throw new Error("x".repeat(1e4)) }); for (;;) dispatchEvent(new Event("x"))`, Want: ends(CPU, Memory, Exception)},
}
