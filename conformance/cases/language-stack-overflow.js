// A stack overflow is an exception: caught, it harms nothing, and a worker goes on.
const recursions = {
	plain() { const f = () => f(); f(); },
	mutual() { const a = () => b(), b = () => a(); a(); },
	getter() { const o = { get x() { return this.x; } }; o.x; },
	constructor() { class A { constructor() { new A(); } } new A(); },
	field() { class A { x = new A(); } new A(); },
	"default value"() { const f = (x = f()) => x; f(); },
	conversion() { const o = { toString() { return `${this}`; } }; String(o); },
	generator() { function* g() { yield* g(); } g().next(); },
	callback() { const f = () => [1].map(f); f(); },
	proxy() { const p = new Proxy({}, { get: (t, k, r) => r[k] }); p.x; },
	toJSON() { const o = { toJSON: () => JSON.stringify(o) }; JSON.stringify(o); },
	async() { const f = async () => { await f(); }; return f(); },
	then() { return Promise.resolve().then(recursions.plain); },
};

export default {
	async fetch(request) {
		const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
		let cleaned = false;
		try {
			try { await recursions[name](); } finally { cleaned = true; }
		} catch (e) {
			return new Response(`${e instanceof RangeError} ${e} ${cleaned}`);
		}
		return new Response("none");
	},
};

/*
GET /plain
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /mutual
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /getter
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /constructor
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /field
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /default%20value
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /conversion
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /generator
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /callback
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /proxy
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /toJSON
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /async
--- 200

true RangeError: Maximum call stack size exceeded true
=== GET /then
--- 200

true RangeError: Maximum call stack size exceeded true
*/
