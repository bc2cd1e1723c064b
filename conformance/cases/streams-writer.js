// A writer writes in order and waits for the sink.
export default {
	async fetch(request, env, ctx) {
		const seen = [];
		const writer = new WritableStream({ async write(c) { await scheduler.wait(1); seen.push(c); } }).getWriter();
		writer.write(1);
		writer.write(2);
		await writer.close();
		return Response.json([seen, writer.desiredSize]);
	},
};

/*
GET /
--- 200

[[1,2],0]
*/
