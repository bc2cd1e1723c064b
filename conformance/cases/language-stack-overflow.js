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
};

export default {
	async fetch(request) {
		const url = new URL(request.url);
		const recursion = recursions[url.pathname.slice(1)];
		if (recursion) recursion();
		const caught = {};
		for (const [name, f] of Object.entries(recursions)) {
			let cleaned = false;
			try {
				try { f(); } finally { cleaned = true; }
			} catch (e) {
				caught[name] = `${e instanceof RangeError} ${e} ${cleaned}`;
			}
		}
		const rejects = async () => { await rejects(); };
		caught.async = await rejects().catch((e) => e.message);
		caught.then = await Promise.resolve().then(recursions.plain).catch((e) => e.name);
		return Response.json(caught);
	},
};

/*
GET /
--- 200
content-type: application/json

{"plain":"true RangeError: Maximum call stack size exceeded true","mutual":"true RangeError: Maximum call stack size exceeded true","getter":"true RangeError: Maximum call stack size exceeded true","constructor":"true RangeError: Maximum call stack size exceeded true","field":"true RangeError: Maximum call stack size exceeded true","default value":"true RangeError: Maximum call stack size exceeded true","conversion":"true RangeError: Maximum call stack size exceeded true","generator":"true RangeError: Maximum call stack size exceeded true","callback":"true RangeError: Maximum call stack size exceeded true","proxy":"true RangeError: Maximum call stack size exceeded true","toJSON":"true RangeError: Maximum call stack size exceeded true","async":"Maximum call stack size exceeded","then":"RangeError"}
*/
