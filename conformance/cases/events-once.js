// Listeners run once, in order, and can be removed.
export default {
	async fetch(request, env, ctx) {
		const target = new EventTarget();
		const seen = [];
		const removed = () => seen.push("removed");
		target.addEventListener("x", () => seen.push("once"), { once: true });
		target.addEventListener("x", removed);
		target.addEventListener("x", { handleEvent(e) { seen.push("object " + (this !== undefined) + e.type); } });
		target.removeEventListener("x", removed);
		target.dispatchEvent(new Event("x"));
		target.dispatchEvent(new Event("x"));
		return Response.json(seen);
	},
};

/*
GET /
--- 200

["once","object truex","object truex"]
*/
