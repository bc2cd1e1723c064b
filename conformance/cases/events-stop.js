// stopImmediatePropagation keeps an event from later listeners.
export default {
	async fetch(request, env, ctx) {
		const target = new EventTarget();
		const seen = [];
		target.addEventListener("x", (e) => { seen.push(1); e.stopImmediatePropagation(); });
		target.addEventListener("x", () => seen.push(2));
		target.dispatchEvent(new Event("x"));
		return Response.json(seen);
	},
};

/*
GET /
--- 200

[1]
*/
