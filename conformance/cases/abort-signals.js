// AbortSignal.any, timeout and reasons.
export default {
	async fetch(request, env, ctx) {
		const controller = new AbortController();
		const any = AbortSignal.any([controller.signal, AbortSignal.timeout(60_000)]);
		controller.abort(new Error("why"));
		const late = AbortSignal.timeout(1);
		await new Promise((resolve) => late.addEventListener("abort", resolve));
		let thrown;
		try {
			AbortSignal.abort().throwIfAborted();
		} catch (e) {
			thrown = e.name;
		}
		return Response.json([any.aborted, any.reason.message, late.reason.name, thrown]);
	},
};

/*
GET /
--- 200

[true,"why","TimeoutError","AbortError"]
*/
