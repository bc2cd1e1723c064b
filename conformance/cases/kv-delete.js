// What is deleted is gone, and deleting again is no error.
export default {
	async fetch(request, env, ctx) {
		await env.KV.put("k", "v");
		await env.KV.delete("k");
		await env.KV.delete("k");
		return Response.json(await env.KV.get("k"));
	},
};

/*
GET /
--- 200

null
*/
