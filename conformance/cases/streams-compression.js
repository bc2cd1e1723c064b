// gzip there and back.
export default {
	async fetch(request, env, ctx) {
		const packed = await new Response(new Response("x".repeat(10000)).body.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
		const text = await new Response(new Response(packed).body.pipeThrough(new DecompressionStream("gzip"))).text();
		return Response.json([packed.byteLength < 200, text.length]);
	},
};

/*
GET /
--- 200

[true,10000]
*/
