// A reader that brings its own buffer.
export default {
	async fetch(request, env, ctx) {
		const reader = new Response("0123456789").body.getReader({ mode: "byob" });
		const { value, done } = await reader.read(new Uint8Array(4));
		await reader.cancel();
		return Response.json([new TextDecoder().decode(value), done]);
	},
};

/*
GET /
--- 200

["0123",false]
*/
