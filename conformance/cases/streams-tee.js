// Both branches of a tee see everything.
export default {
	async fetch(request, env, ctx) {
		const [a, b] = new Response("twice").body.tee();
		return Response.json([await new Response(a).text(), await new Response(b).text()]);
	},
};

/*
GET /
--- 200

["twice","twice"]
*/
