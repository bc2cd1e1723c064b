// Several keys at once are a Map.
export default {
	async fetch(request, env, ctx) {
		await env.KV.put("x", "1");
		const map = await env.KV.get(["x", "none"]);
		return Response.json([map instanceof Map, [...map]]);
	},
};

/*
GET /
--- 200

[true,[["x","1"],["none",null]]]
*/
