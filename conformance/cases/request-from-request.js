// A request made of another takes over what is not said anew.
export default {
	async fetch(request, env, ctx) {
		const a = new Request("https://example.com/a", { method: "PUT", headers: { "x-a": "1" }, body: "body" });
		const b = new Request("https://example.com/b", a);
		return Response.json([b.url, b.method, b.headers.get("x-a"), await b.text()]);
	},
};

/*
GET /
--- 200

["https://example.com/b","PUT","1","body"]
*/
