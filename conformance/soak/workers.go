package main

// The workers that behave.
const (
	helloCode = `export default { fetch() { return new Response("Hello World") } }`

	counterCode = `export default {
	async fetch(request, env, ctx) {
		const key = new URL(request.url).searchParams.get("key");
		const n = Number(await env.KV.get(key) ?? 0) + 1;
		await env.KV.put(key, String(n), { metadata: { n } });
		ctx.waitUntil(env.KV.list({ prefix: key, limit: 10 }));
		return new Response(key + " " + (n > 0));
	}
}`

	pageCode = `export default {
	async fetch(request, env, ctx) {
		const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(request.url));
		await scheduler.wait(5);
		const { readable, writable } = new TransformStream();
		ctx.waitUntil((async () => {
			const w = writable.getWriter();
			for (let i = 0; i < 8; i++) await w.write(new TextEncoder().encode(("line " + i + "\n").repeat(100)));
			await w.close();
		})());
		return new Response(readable.pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip")),
			{ headers: { "x-length": String(digest.byteLength) } });
	}
}`

	cacheCode = `export default {
	async fetch(request, env, ctx) {
		let res = await caches.default.match(request);
		if (!res) {
			res = new Response("cached ".repeat(50), { headers: { "cache-control": "max-age=2" } });
			await caches.default.put(request, res.clone());
		}
		return res;
	}
}`

	frontCode = `export default {
	async fetch(request, env) {
		console.log("passing on", request.url);
		const res = await env.BACK.fetch(request);
		return new Response("front of " + await res.text());
	}
}`

	echoCode = `export default { async fetch(request) { return new Response(request.body) } }`
)

// The workers that do not.
const (
	throwsCode  = `export default { fetch() { throw new Error("soak") } }`
	spinsCode   = `export default { fetch() { for (;;); } }`
	hoardsCode  = `export default { fetch() { const a = []; for (let i = 0;; i++) a.push(("x" + i).repeat(1000)) } }`
	overCode    = `export default { fetch() { return new Response(({[atob("dG9TdHJpbmc=")]: ""[atob("dHJpbQ==")]}) + "") } }` // overflows the stack
	hangsCode   = `export default { fetch() { return new Response(String((10n ** 1000000n) ** 1000n)) } }`
	logsCode    = `export default { fetch() { for (;;) console.log("x".repeat(1000)) } }`
	leakCode    = `const kept = []; export default { fetch() { kept.push("x".repeat(100000) + kept.length); return new Response(String(kept.length)) } }`
	foreverCode = `export default { async fetch(request) { await new Promise(() => setTimeout(() => {}, 1e9)) } }`
)

// A deployed is a worker that is there all the time.
type deployed struct {
	name, code string
	kv         bool
	service    string // bound as BACK
	cpu        int
	bad        bool
}

var workers = []deployed{
	{name: "hello", code: helloCode},
	{name: "counter", code: counterCode, kv: true},
	{name: "page", code: pageCode},
	{name: "cache", code: cacheCode},
	{name: "front", code: frontCode, service: "hello"},
	{name: "echo", code: echoCode},
	{name: "throws", code: throwsCode, bad: true},
	{name: "spins", code: spinsCode, bad: true},
	{name: "hoards", code: hoardsCode, cpu: 10_000, bad: true},
	{name: "overflows", code: overCode, bad: true},
	{name: "hangs", code: hangsCode, bad: true},
	{name: "logs", code: logsCode, bad: true},
	{name: "leaks", code: leakCode, bad: true},
	{name: "waits", code: foreverCode, bad: true},
}
