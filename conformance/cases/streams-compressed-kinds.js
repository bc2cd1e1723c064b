// Each format decompresses what it compressed.
export default {
	async fetch(request, env, ctx) {
		const out = [];
		for (const format of ["gzip", "deflate", "deflate-raw"]) {
			const s = new Response("text ".repeat(100)).body.pipeThrough(new CompressionStream(format)).pipeThrough(new DecompressionStream(format));
			out.push((await new Response(s).text()).length);
		}
		return Response.json(out);
	},
};

/*
GET /
--- 200

[500,500,500]
*/
