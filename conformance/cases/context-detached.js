// The methods of ctx belong to it.
export default {
	async fetch(request, env, ctx) {
		const { waitUntil } = ctx;
		try {
			waitUntil(1);
		} catch (e) {
			return new Response(`${e.name} ${e.message.includes("Illegal invocation")}`);
		}
	},
};

/*
GET /
--- 200

TypeError true
*/
