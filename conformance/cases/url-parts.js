// The parts of a URL.
const u = new URL("https://me:pw@EXAMPLE.com:8443/a/./b c?q=1&q=2#f");

export default {
	async fetch(request, env, ctx) {
		return Response.json([u.protocol, u.username, u.host, u.pathname, u.search, u.hash, u.origin, u.searchParams.getAll("q"), new URL("../x", u).href, URL.canParse("nope")]);
	},
};

/*
GET /
--- 200
content-type: application/json

["https:","me","example.com:8443","/a/b%20c","?q=1&q=2","#f","https://example.com:8443",["1","2"],"https://me:pw@example.com:8443/x",false]
*/
