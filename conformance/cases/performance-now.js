// performance.now is a number that does not run backwards.
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
