// The headers of the request cannot be changed; those of a copy can.
export default {
	async fetch(request, env, ctx) {
		let error;
		try {
			request.headers.set("x", "1");
		} catch (e) {
			error = e.name;
		}
		const copy = new Request(request);
		copy.headers.set("x", "1");
		return Response.json([error, copy.headers.get("x"), copy.headers.get("x-test")]);
	},
};

/*
GET /
x-test: sent
--- 200

["TypeError","1","sent"]
*/
