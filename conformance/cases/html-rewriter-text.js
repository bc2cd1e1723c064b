// HTMLRewriter hands out text, comments and the end.
export default {
	async fetch(request, env, ctx) {
		const seen = [];
		const page = await new HTMLRewriter()
			.on("p", { text: (t) => { if (t.text) seen.push(t.text); }, comments: (c) => { seen.push(c.text); c.remove(); } })
			.onDocument({ doctype: (d) => { seen.push(d.name); }, end: (e) => { e.append("<!-- end -->", { html: true }); } })
			.transform(new Response("<!doctype html><p>a<!--c--></p>")).text();
		return Response.json([seen, page]);
	},
};

/*
GET /
--- 200

[["html","a","c"],"<!doctype html><p>a</p><!-- end -->"]
*/
