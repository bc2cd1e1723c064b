// Module scope outlives a request.
let requests = 0;

export default {
	async fetch(request, env, ctx) {
		return new Response(String(++requests));
	},
};

/*
GET /
--- 200

1
=== GET /
--- 200

2
*/
