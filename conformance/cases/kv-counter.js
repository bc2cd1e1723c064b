// A counter, as the KV examples have it.
export default {
	async fetch(request, env, ctx) {
		const count = Number((await env.KV.get("count")) ?? 0) + 1;
		await env.KV.put("count", String(count));
		return new Response(`visit ${count}`);
	},
};

/*
GET /
--- 200

visit 1
=== GET /
--- 200

visit 2
*/
