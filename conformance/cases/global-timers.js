// Timers fire in order, pass arguments and can be cleared.
export default {
	async fetch(request, env, ctx) {
		const seen = [];
		await new Promise((resolve) => {
			setTimeout((a, b) => seen.push(a + b), 2, "x", "y");
			clearTimeout(setTimeout(() => seen.push("never"), 1));
			const id = setInterval(() => {
				seen.push("tick");
				if (seen.length === 4) {
					clearInterval(id);
					resolve();
				}
			}, 5);
			queueMicrotask(() => seen.push("microtask"));
		});
		return Response.json(seen);
	},
};

/*
GET /
--- 200

["microtask","xy","tick","tick"]
*/
