// Setters of a URL change what they should.
export default {
	async fetch(request, env, ctx) {
		const u = new URL("https://a.example:443/p?q#h");
		u.host = "b.example:8080";
		u.pathname = "/é x";
		u.searchParams.set("k", "v w");
		u.hash = "";
		return Response.json([u.href, u.port, u.search, URL.canParse("no url"), URL.canParse("/x", "https://e.example")]);
	},
};

/*
GET /
--- 200

["https://b.example:8080/%C3%A9%20x?q=&k=v+w","8080","?q=&k=v+w",false,true]
*/
