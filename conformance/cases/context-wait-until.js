// Work given to waitUntil goes on after the answer.
export default {
	async fetch(request, env, ctx) {
		const key = new URL(request.url).pathname;
		if (request.method === "PUT") {
			ctx.waitUntil(scheduler.wait(1).then(() => env.KV.put(key, "written")));
			return new Response("accepted", { status: 202 });
		}
		let value = null;
		for (let i = 0; i < 1000 && value === null; i++) {
			await scheduler.wait(1);
			value = await env.KV.get(key);
		}
		return new Response(value);
	},
};

/*
PUT /k
--- 202

accepted
=== GET /k
--- 200

written
*/
