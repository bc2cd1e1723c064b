// FixedLengthStream gives the body a Content-Length.
export default {
	async fetch(request, env, ctx) {
		const { readable, writable } = new FixedLengthStream(5);
		const writer = writable.getWriter();
		ctx.waitUntil(writer.write(new TextEncoder().encode("fixed")).then(() => writer.close()));
		return new Response(readable);
	},
};

/*
GET /
--- 200
content-length: 5

fixed
*/
