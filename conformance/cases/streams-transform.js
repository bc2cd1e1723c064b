// Chunks pass through transforms in order.
export default {
	async fetch(request, env, ctx) {
		const upper = new TransformStream({
			transform(chunk, controller) {
				controller.enqueue(chunk.toUpperCase());
			},
			flush(controller) {
				controller.enqueue("!");
			},
		});
		const body = new Response("quiet").body.pipeThrough(new TextDecoderStream()).pipeThrough(upper).pipeThrough(new TextEncoderStream());
		return new Response(body);
	},
};

/*
GET /
--- 200

QUIET!
*/
