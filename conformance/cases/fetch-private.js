// Private networks are refused.
// Differs from workerd: it reaches them unless its configuration forbids it; Mayfly must be told to.
export default {
	async fetch(request, env, ctx) {
		let failed = 0;
		for (const host of ["10.0.0.1", "169.254.169.254", "[::1]", "192.168.0.1"]) {
			await fetch(`http://${host}/`, { signal: AbortSignal.timeout(5000) }).catch((e) => (failed += e.name === "TimeoutError" ? 0 : 1));
		}
		return Response.json(failed);
	},
};

/*
GET /
--- 200

4
*/
