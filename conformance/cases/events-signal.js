// A signal removes listeners.
export default {
	async fetch(request, env, ctx) {
		const target = new EventTarget();
		const controller = new AbortController();
		let n = 0;
		target.addEventListener("x", () => n++, { signal: controller.signal });
		target.dispatchEvent(new Event("x"));
		controller.abort();
		target.dispatchEvent(new Event("x"));
		return Response.json(n);
	},
};

/*
GET /
--- 200

1
*/
