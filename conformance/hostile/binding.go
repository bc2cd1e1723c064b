package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/mayfly-edge/mayfly/conformance/hostile/attack"
	"github.com/mayfly-edge/mayfly/conformance/remote"
)

func ends(e ...attack.Ending) []attack.Ending { return e }

// Endings that most attacks on bindings may have.
var (
	harmless = ends(attack.OK, attack.Exception)
	stopped  = ends(attack.OK, attack.Exception, attack.CPU, attack.Memory)
)

// bindingScripts attack what bindings read of the values they are given.
var bindingScripts = []script{
	{group: "prototype pollution", name: "options of KV.get", short: true, want: harmless, says: "text",
		code: `await env.KV.put("p1", "text"); Object.prototype.type = "arrayBuffer"; Object.prototype.cacheTtl = -1;
			let r; try { r = await env.KV.get("p1"); } catch (e) { r = "text " + e } return new Response(r)`},
	{group: "prototype pollution", name: "options of KV.put", want: harmless, says: "done",
		code: `Object.prototype.expirationTtl = -5; Object.prototype.metadata = env; try { await env.KV.put("p2", "v") } catch {} return new Response("done")`},
	{group: "prototype pollution", name: "options of KV.list", want: harmless, says: "done",
		code: `Object.prototype.limit = 1e9; Object.prototype.prefix = "\0"; Object.prototype.cursor = "x".repeat(1e5); try { await env.KV.list() } catch {} return new Response("done")`},
	{group: "prototype pollution", name: "init of Response", want: harmless,
		code: `Object.prototype.status = 101; Object.prototype.webSocket = {}; Object.prototype.headers = [["a"]]; return new Response("x", {})`},
	{group: "prototype pollution", name: "init of fetch", want: harmless, says: "refused",
		code: `Object.prototype.method = "CONNECT"; Object.prototype.redirect = {}; try { await fetch("http://127.0.0.1/", {}) ; return new Response("reached") } catch (e) { return new Response("refused " + e) }`},
	{group: "prototype pollution", name: "toJSON and toString", want: stopped,
		code: `Object.prototype.toJSON = () => { throw new Error("a") }; Object.prototype.toString = () => { throw new Error("b") }; console.log({}, [], env); await env.KV.put("p3", JSON.stringify({a: {}})); return Response.json({})`},
	{group: "prototype pollution", name: "setters on Array.prototype", want: stopped,
		code: `for (let i = 0; i < 20; i++) Object.defineProperty(Array.prototype, i, { set() { throw new Error("set") }, get() { return env }, configurable: true }); const l = await env.KV.list(); return new Response(l.keys.length >= 0 ? "list" : "")`},

	{group: "thenables, proxies", name: "thenable value for KV", want: stopped,
		code: `await env.KV.put("t1", { then(f) { f("x") }, toString() { return "y" } }); return new Response("done")`},
	{group: "thenables, proxies", name: "proxy value for KV", short: true, want: stopped,
		code: `await env.KV.put("t2", new Proxy({}, { get(t, k) { for (;;); } })); return new Response("done")`},
	{group: "thenables, proxies", name: "proxy options for KV", want: stopped,
		code: `const p = new Proxy({}, { get: (t, k, r) => r, has: () => true, ownKeys: () => ["a"], getOwnPropertyDescriptor: () => ({configurable: true, enumerable: true, value: p}) }); await env.KV.put("t3", "v", p); return new Response("done")`},
	{group: "thenables, proxies", name: "thenable that never calls for waitUntil", want: stopped,
		code: `ctx.waitUntil({ then() {} }); ctx.waitUntil({ get then() { throw 1 } }); return new Response("done")`},
	{group: "thenables, proxies", name: "thenable that calls twice", want: stopped,
		code: `const t = { then(f, g) { f(t); f(1); g(2); setTimeout(() => f(3)) } }; ctx.waitUntil(t); await 0; return new Response("done")`},
	{group: "thenables, proxies", name: "handler returns a thenable of itself", want: stopped,
		code: `const t = { then(f) { f(t) } }; return t`},
	{group: "thenables, proxies", name: "proxy of Request for a service", want: harmless,
		code: `try { await env.SELF?.fetch(new Proxy(request, {})) } catch {} return new Response("done")`},
	{group: "thenables, proxies", name: "false Response for the cache", want: harmless, says: "TypeError",
		code: `try { await caches.default.put(request, Object.setPrototypeOf({ status: 200, headers: new Headers() }, Response.prototype)); return new Response("stored") } catch (e) { return new Response(e.name) }`},
	{group: "thenables, proxies", name: "stream that lies about its chunks", want: append(ends("responseStreamDisconnected"), stopped...),
		code: `return new Response(new ReadableStream({ pull(c) { c.enqueue(new Proxy(new Uint8Array(8), {})) } }))`},
	{group: "thenables, proxies", name: "buffer detached while it is written", want: stopped,
		code: `const b = new Uint8Array(1e6); const p = env.KV.put("t4", b); structuredClone(b.buffer, { transfer: [b.buffer] }); await p; return new Response("done")`},
	{group: "thenables, proxies", name: "iterator of headers that grows", want: stopped,
		code: `return new Response("", { headers: { *[Symbol.iterator]() { for (let i = 0;; i++) yield ["x" + i, "v"] } } })`},

	{group: "header injection", name: "CR LF in a response header", want: harmless, says: "TypeError",
		code: `try { return new Response("in", { headers: { "x-a": "b\r\nset-cookie: evil=1" } }) } catch (e) { return new Response(e.name) }`},
	{group: "header injection", name: "CR LF in Location", want: harmless,
		code: `return Response.redirect("https://a.example/\r\nset-cookie: evil=1", 302)`},
	{group: "header injection", name: "lengths that disagree", want: harmless, says: "short body",
		code: `return new Response("short body", { headers: { "content-length": "1000000", "transfer-encoding": "chunked" } })`},
	{group: "header injection", name: "hop by hop headers", want: harmless,
		code: `return new Response("x", { headers: { connection: "close, x-secret", upgrade: "h2c", "keep-alive": "timeout=1e9", trailer: "set-cookie" } })`},
	{group: "header injection", name: "ten thousand headers", want: stopped,
		code: `const h = new Headers(); for (let i = 0; i < 1e4; i++) h.append("set-cookie", "c" + i + "=" + "v".repeat(50)); return new Response("x", { headers: h })`},
	{group: "header injection", name: "NUL and latin-1", want: harmless, says: "TypeError",
		code: `try { return new Response("in", { headers: { "x-a": "b\0c" } }) } catch (e) { return new Response(e.name) }`},

	{group: "decompression", name: "gzip of gzip of zeros", want: stopped, short: true,
		code: `let body = new Blob(["\0".repeat(4e6)]).stream().pipeThrough(new CompressionStream("gzip")).pipeThrough(new CompressionStream("gzip"));
			const bomb = await new Response(body).arrayBuffer(), all = [];
			for (;;) all.push(await new Response(new Blob([bomb]).stream().pipeThrough(new DecompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip"))).text())`},
	{group: "decompression", name: "deflate-raw that never ends", want: stopped,
		code: `const d = new DecompressionStream("deflate-raw"), w = d.writable.getWriter(); for (;;) await w.write(new Uint8Array([0, 0, 0, 255, 255]))`},

	{group: "KV floods", name: "puts without end", want: stopped, short: true,
		code: `let n = 0; try { for (;; n++) await env.KV.put("f" + n % 50, "x") } catch (e) { return new Response(String(e)) }`},
	{group: "KV floods", name: "puts at once", want: stopped,
		code: `try { await Promise.all(Array.from({ length: 5000 }, (_, i) => env.KV.put("f" + i % 50, "x"))) } catch (e) { return new Response(String(e)) } return new Response("all")`},
	{group: "KV floods", name: "values of 25 MB", want: stopped, cpu: 2000,
		code: `try { for (let i = 0; i < 20; i++) await env.KV.put("big", new Uint8Array(25 << 20)) } catch (e) { return new Response(String(e)) } return new Response("all")`},
	{group: "KV floods", name: "values above the limit", want: stopped, says: "413",
		code: `try { await env.KV.put("big", new Uint8Array((25 << 20) + 1)) } catch (e) { return new Response(String(e)) }`},
	{group: "KV floods", name: "streams into KV without end", want: stopped, cpu: 5000,
		code: `const c = new Uint8Array(65536); try { await env.KV.put("s", new ReadableStream({ pull(k) { k.enqueue(c) } })) } catch (e) { return new Response(String(e)) } return new Response("all")`},
	{group: "KV floods", name: "lists without end", want: stopped,
		code: `try { for (;;) await env.KV.list() } catch (e) { return new Response(String(e)) }`},
	{group: "KV floods", name: "bulk get of all that may be", want: stopped,
		code: `try { for (;;) await env.KV.get(Array.from({ length: 100 }, (_, i) => "f" + i)) } catch (e) { return new Response(String(e)) }`},
	{group: "KV floods", name: "one key from many events", want: stopped,
		code: `await Promise.all(Array.from({ length: 50 }, () => env.KV.put("hot", "x".repeat(1e4)).then(() => env.KV.get("hot")))); return new Response("all")`},
}

func bindings() (all []*assault) {
	for _, s := range bindingScripts {
		one := s.assault()
		if s.name == "values of 25 MB" {
			one.shared = "writes of all tenants share the disk"
		}
		all = append(all, one)
	}
	return append(all,
		&assault{group: "prototype pollution", name: "of one script seen by another", run: pollutedNeighbour},
		&assault{group: "header injection", name: "what is on the wire", run: injectedWire})
}

// pollutedNeighbour has one worker change what all objects inherit and asks another of
// the same account, and the same worker in another isolate's stead, what it sees.
func pollutedNeighbour(ctx context.Context, a *arena) finding {
	bad, next := a.name(), a.name()
	for name, code := range map[string]string{
		bad:  `export default { fetch() { Object.prototype.polluted = "yes"; globalThis.polluted = "yes"; Response.prototype.polluted = "yes"; return new Response("done") } }`,
		next: `export default { fetch() { return new Response([typeof {}.polluted, typeof globalThis.polluted, typeof new Response().polluted].join()) } }`,
	} {
		if err := a.deploy(ctx, remote.Worker{Name: name, Code: code}); err != nil {
			return wrongf("deployment: %v", err)
		}
	}
	for range 5 {
		if _, err := a.get(ctx, host(bad), "/"); err != nil {
			return wrongf("%v", err)
		}
		got, err := a.get(ctx, host(next), "/")
		if err != nil || got.body != "undefined,undefined,undefined" {
			return wrongf("the neighbour sees %q, %v", got.body, err)
		}
	}
	return finding{ended: "not seen"}
}

// injectedWire looks at the bytes of answers whose headers a worker has tried to break.
func injectedWire(ctx context.Context, a *arena) finding {
	name := a.name()
	err := a.deploy(ctx, remote.Worker{Name: name, Code: `export default { fetch(request) {
		const n = new URL(request.url).pathname.slice(1), h = new Headers();
		const tries = [["x-a", "b\nset-cookie: evil=1"], ["x-a\r\nset-cookie", "evil=1"], ["x-a", "b\u0000"], ["x a", "b"], ["set-cookie: evil=1\r\n", "b"], ["x-a", "b\rset-cookie: evil=1"]];
		try { h.set(...tries[n]) } catch {}
		return new Response("x", { headers: h });
	} }`})
	if err != nil {
		return wrongf("deployment: %v", err)
	}
	for n := range 6 {
		got, err := a.raw(ctx, fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", n, host(name)))
		if err != nil {
			return wrongf("%v", err)
		}
		if head, _, _ := strings.Cut(got, "\r\n\r\n"); strings.Contains(strings.ToLower(head), "set-cookie") || !strings.HasPrefix(got, "HTTP/1.1 ") {
			return wrongf("attempt %d got through: %q", n, head)
		}
	}
	return finding{ended: "not sent"}
}
