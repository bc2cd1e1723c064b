// Both clones of a streamed response can be read.
export default {
	async fetch(request, env, ctx) {
		const a = new Response(ReadableStream.from([new Uint8Array([104]), new Uint8Array([105])]));
		const b = a.clone();
		return Response.json([await a.text(), await b.text()]);
	},
};

/*
GET /
--- 200

["hi","hi"]
*/
