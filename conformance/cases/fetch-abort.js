// A fetch that is aborted.
export default {
	async fetch(request, env, ctx) {
		try {
			await fetch(`${env.ORIGIN}/slow`, { signal: AbortSignal.timeout(20) });
		} catch (e) {
			return new Response(e.name);
		}
	},
};

/*
GET /
--- 200

TimeoutError
*/
