// Microtasks run before timers, timers by their time.
export default {
	async fetch(request, env, ctx) {
		const seen = [];
		setTimeout(() => seen.push("t5"), 5);
		setTimeout((x) => seen.push(x), 1, "t1");
		queueMicrotask(() => seen.push("micro"));
		Promise.resolve().then(() => seen.push("promise"));
		seen.push("sync");
		await scheduler.wait(30);
		return Response.json(seen);
	},
};

/*
GET /
--- 200

["sync","micro","promise","t1","t5"]
*/
