// KV lists by prefix and in order.
export default {
	async fetch(request, env, ctx) {
		for (const k of ["b:2", "a:1", "b:1"]) {
			await env.KV.put(k, "v");
		}
		const list = await env.KV.list({ prefix: "b:" });
		return Response.json([list.keys.map((k) => k.name), list.list_complete]);
	},
};

/*
GET /
--- 200

[["b:1","b:2"],true]
*/
