// URLPattern gives groups by name.
export default {
	async fetch(request, env, ctx) {
		const p = new URLPattern({ pathname: "/users/:id/:rest*" });
		const m = p.exec("https://e.example/users/7/a/b");
		return Response.json([m.pathname.groups.id, m.pathname.groups.rest, p.test("https://e.example/x"), p.pathname]);
	},
};

/*
GET /
--- 200

["7","a/b",false,"/users/:id/:rest*"]
*/
