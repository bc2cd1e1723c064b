// Sending bodies to an origin.
export default {
	async fetch(request, env, ctx) {
		const text = async (body) => (await fetch(env.ORIGIN, { method: "POST", body })).text();
		const stream = new ReadableStream({
			start(controller) {
				controller.enqueue(new TextEncoder().encode("streamed"));
				controller.close();
			},
		});
		return Response.json([await text("string"), await text(new URLSearchParams("a=1")), await text(stream)]);
	},
};

/*
GET /
--- 200

["POST / [string]","POST / [a=1]","POST / [streamed]"]
*/
