// EventTarget with once, signal and an object as listener.
export default {
	async fetch(request, env, ctx) {
		const seen = [];
		const target = new EventTarget();
		const controller = new AbortController();
		target.addEventListener("x", (e) => seen.push(e.detail), { once: true });
		target.addEventListener("x", { handleEvent: () => seen.push("object") });
		target.addEventListener("x", () => seen.push("aborted"), { signal: controller.signal });
		controller.abort();
		target.dispatchEvent(new CustomEvent("x", { detail: "first" }));
		target.dispatchEvent(new CustomEvent("x", { detail: "second" }));
		return Response.json(seen);
	},
};

/*
GET /
--- 200

["first","object","object"]
*/
