// Statuses without a body.
export default {
	async fetch(request, env, ctx) {
		let error;
		try {
			new Response("x", { status: 204 });
		} catch (e) {
			error = e.name;
		}
		return new Response(null, { status: 204, headers: { "x-error": error } });
	},
};

/*
GET /
--- 204
x-error: TypeError
*/
