// KV takes and gives streams and buffers.
export default {
	async fetch(request, env, ctx) {
		await env.KV.put("s", new Response("streamed").body);
		await env.KV.put("b", new Uint8Array([65, 66]));
		const s = await env.KV.get("s", "stream");
		return Response.json([await new Response(s).text(), (await env.KV.get("b", "arrayBuffer")).byteLength, await env.KV.get("none", "stream")]);
	},
};

/*
GET /
--- 200

["streamed",2,null]
*/
