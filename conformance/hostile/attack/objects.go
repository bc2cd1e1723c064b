package attack

// objects turn what bindings and the platform read against them.
var objects = []Vector{
	{Name: "Object.prototype.then", Code: `Object.prototype.then = function (f) { f(1) }; return new Response()`, Want: ends(OK, Exception, CPU)},
	{Name: "Object.prototype setters", Code: `for (const k of ["method", "headers", "body", "status"]) Object.defineProperty(Object.prototype, k, {get() { throw new Error(k) }}); return new Response("", {})`, Want: ends(OK, Exception)},
	{Name: "Array.prototype iterator", Code: `Array.prototype[Symbol.iterator] = function* () { for (;;) yield ["a", "b"] }; new Headers([["a", "b"]])`, Want: ends(CPU, Memory)},
	{Name: "Promise.prototype.then", Code: `Promise.prototype.then = () => { for (;;); }; await fetch("https://a.example/"); return new Response()`, Want: ends(OK, CPU)},
	{Name: "proxy as options", Code: `const evil = new Proxy({}, {get: (t, k) => evil, has: () => true}); new Request("https://a.example", evil)`, Want: ends(Exception, CPU)},
	{Name: "response that is a proxy", Code: `return new Proxy(new Response(), {})`, Want: ends(OK)},
	{Name: "headers that change while read", Code: `const h = new Headers({a: "1"}); for (const [k] of h) { h.append(k + "a", "1") }`, Want: ends(CPU, OK, Exception, Memory)},
	{Name: "throws null", Code: `throw null`, Want: ends(Exception)},
	{Name: "throws a proxy", Code: `throw new Proxy({}, {get() { throw 1 }})`, Want: ends(Exception)},
	{Name: "stack that loops", Code: `throw {get stack() { for (;;); }}`, Want: ends(CPU, Exception)},
	{Name: "message that throws", Code: `const e = new Error(); Object.defineProperty(e, "message", {get() { throw e }}); throw e`, Want: ends(Exception)},
	{Name: "freeze of the global", Code: `Object.freeze(globalThis); Object.freeze(Object.prototype); return new Response()`, Want: ends(OK, Exception)},
	{Name: "JSON replaced", Code: `JSON.stringify = JSON.parse = () => { for (;;); }; return Response.json({a: 1})`, Want: ends(OK)},
	{Name: "console.log of a getter", Code: `console.log({get a() { for (;;); }}); return new Response()`, Want: ends(OK, CPU)},
	{Name: "header injection", Code: `return new Response("", {headers: {a: "b\r\nset-cookie: c"}})`, Want: ends(Exception)},
	{Name: "status injection", Code: `return new Response("", {statusText: "OK\r\nx: y"})`, Want: ends(Exception)},
	{Name: "cyclic cause", Code: `const e = new Error(); e.cause = e; throw e`, Want: ends(Exception)},
	{Name: "body read while written", Code: `const b = new Uint8Array(1e6), r = new Response(b); b.fill(1); return r`, Want: ends(OK)},
}
