// An answer to HEAD has no body.
export default {
	async fetch(request, env, ctx) {
		return new Response("body", { headers: { "x-a": "1" } });
	},
};

/*
HEAD /
--- 200
x-a: 1
*/
