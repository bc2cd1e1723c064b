// performance.now is a number that does not run backwards.
// Differs from workerd: its time origin is the epoch, and now() the time since then; here as in browsers it is when the isolate first asked.
export default {
	async fetch(request, env, ctx) {
		const a = performance.now();
		await scheduler.wait(2);
		return Response.json([typeof a, performance.now() >= a, performance.timeOrigin > 0]);
	},
};

/*
GET /
--- 200

["number",true,true]
*/
