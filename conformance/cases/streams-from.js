// Streams are made of iterables and read by for await.
export default {
	async fetch(request, env, ctx) {
		const parts = [];
		for await (const part of ReadableStream.from(["a", "b"])) {
			parts.push(part);
		}
		return Response.json(parts);
	},
};

/*
GET /
--- 200

["a","b"]
*/
