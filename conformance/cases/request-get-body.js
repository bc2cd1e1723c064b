// A GET request takes no body.
export default {
	async fetch(request, env, ctx) {
		try {
			new Request("https://example.com/", { body: "x" });
			return new Response("none");
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
