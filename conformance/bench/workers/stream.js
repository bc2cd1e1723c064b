export default {
	fetch(request) {
		const through = new TransformStream({
			transform(chunk, controller) {
				controller.enqueue(chunk);
			},
		});
		return new Response(request.body.pipeThrough(through));
	},
};
