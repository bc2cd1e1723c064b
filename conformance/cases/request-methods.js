// Methods are normalized, and bad ones refused.
// Differs from workerd: it makes PATCH of patch, which the Fetch standard leaves alone.
export default {
	async fetch(request, env, ctx) {
		const names = [];
		for (const method of ["get", "post", "patch", "in valid"]) {
			try {
				names.push(new Request("https://example.com/", { method }).method);
			} catch (e) {
				names.push(e.name);
			}
		}
		return Response.json(names);
	},
};

/*
GET /
--- 200

["GET","POST","patch","TypeError"]
*/
