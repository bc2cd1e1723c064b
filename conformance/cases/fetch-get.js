// Fetching an origin.
export default {
	async fetch(request, env, ctx) {
		const response = await fetch(`${env.ORIGIN}/path?q=1`, { headers: { "x-test": "sent" } });
		return Response.json([response.status, response.ok, response.headers.get("x-origin"), await response.text()]);
	},
};

/*
GET /
--- 200

[200,true,"yes","GET /path?q=1 sent[]"]
*/
