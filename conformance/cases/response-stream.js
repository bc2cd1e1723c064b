// A response may be streamed from JavaScript.
export default {
	async fetch(request, env, ctx) {
		let n = 0;
		const body = new ReadableStream({
			async pull(controller) {
				await scheduler.wait(1);
				controller.enqueue(new TextEncoder().encode(`chunk ${n}\n`));
				if (++n === 3) {
					controller.close();
				}
			},
		});
		return new Response(body, { headers: { "content-type": "text/event-stream" } });
	},
};

/*
GET /
--- 200
content-type: text/event-stream

chunk 0
chunk 1
chunk 2
*/
