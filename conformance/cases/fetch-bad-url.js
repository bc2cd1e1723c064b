// A relative URL is a TypeError.
export default {
	async fetch(request, env, ctx) {
		try {
			await fetch("/relative");
		} catch (e) {
			return new Response(e.name);
		}
	},
};

/*
GET /
--- 200

TypeError
*/
