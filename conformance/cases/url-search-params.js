// URLSearchParams of a URL are live.
const u = new URL("https://bücher.example");
const p = u.searchParams;
p.append("a", "1");
p.append("b", "é x");

export default {
	async fetch(request, env, ctx) {
		return Response.json([u.href, String(p), p.size, p.has("a", "2"), [...p.keys()]]);
	},
};

/*
GET /
--- 200
content-type: application/json

["https://xn--bcher-kva.example/?a=1&b=%C3%A9+x","a=1&b=%C3%A9+x",2,false,["a","b"]]
*/
