// The idiom of TransformStream and waitUntil.
export default {
	async fetch(request, env, ctx) {
		const { readable, writable } = new TransformStream();
		const writer = writable.getWriter();
		ctx.waitUntil(
			(async () => {
				for (const part of ["one ", "two ", "three"]) {
					await writer.write(new TextEncoder().encode(part));
				}
				await writer.close();
			})(),
		);
		return new Response(readable);
	},
};

/*
GET /
--- 200

one two three
*/
