// Metadata, and what is listed.
export default {
	async fetch(request, env, ctx) {
		await env.KV.put("b:2", "", { metadata: { n: 2 } });
		await env.KV.put("b:1", "", { expirationTtl: 3600 });
		await env.KV.put("a", "");
		const { value, metadata } = await env.KV.getWithMetadata("b:2");
		const list = await env.KV.list({ prefix: "b:" });
		return Response.json([value, metadata, list.keys.map((k) => [k.name, k.metadata ?? null, typeof k.expiration]), list.list_complete]);
	},
};

/*
GET /
--- 200

["",{"n":2},[["b:1",null,"number"],["b:2",{"n":2},"undefined"]],true]
*/
