// A body is read as a blob of its type, and as bytes.
export default {
	async fetch(request, env, ctx) {
		const blob = await new Response("abc", { headers: { "content-type": "text/css" } }).blob();
		const bytes = await new Response(new Uint8Array([1, 2])).bytes();
		return Response.json([blob.size, blob.type, await blob.slice(1).text(), [...bytes]]);
	},
};

/*
GET /
--- 200

[3,"text/css","bc",[1,2]]
*/
