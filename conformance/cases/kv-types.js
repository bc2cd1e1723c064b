// KV gives values as text, JSON, bytes and streams.
export default {
	async fetch(request, env, ctx) {
		await env.KV.put("k", JSON.stringify({ a: [1] }));
		await env.KV.put("bytes", new Uint8Array([1, 2, 255]));
		return Response.json([
			await env.KV.get("k"),
			await env.KV.get("k", "json"),
			await env.KV.get("k", { type: "json" }),
			[...new Uint8Array(await env.KV.get("bytes", "arrayBuffer"))],
			await new Response(await env.KV.get("k", "stream")).text(),
			await env.KV.get("none"),
		]);
	},
};

/*
GET /
--- 200

["{\"a\":[1]}",{"a":[1]},{"a":[1]},[1,2,255],"{\"a\":[1]}",null]
*/
