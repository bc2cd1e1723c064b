// Response.error, redirect and json.
export default {
	async fetch(request, env, ctx) {
		const j = Response.json({ a: 1 }, { status: 201, headers: { "x-a": "1" } });
		const r = Response.redirect("https://example.com/x", 307);
		return Response.json([j.status, j.headers.get("content-type"), j.headers.get("x-a"), r.status, r.headers.get("location")]);
	},
};

/*
GET /
--- 200

[201,"application/json","1",307,"https://example.com/x"]
*/
