// Bad names and values of headers are TypeErrors.
// Differs from workerd: it takes an empty name, which the Fetch standard refuses.
export default {
	async fetch(request, env, ctx) {
		const names = [];
		for (const f of [() => new Headers({ "a b": "1" }), () => new Headers({ a: "b\nc" }), () => new Headers([["a"]]), () => new Headers().set("", "x")]) {
			try {
				f();
				names.push("none");
			} catch (e) {
				names.push(e.name);
			}
		}
		return Response.json(names);
	},
};

/*
GET /
--- 200

["TypeError","TypeError","TypeError","TypeError"]
*/
