// An exception is error 1101 and tells the client nothing of it.
export default {
	async fetch(request, env, ctx) {
		if (new URL(request.url).pathname === "/throw") {
			throw new Error("a secret");
		}
		return new Response("still there");
	},
};

/*
GET /
--- 200

still there
=== GET /throw
--- 500

*
=== GET /
--- 200

still there
*/
