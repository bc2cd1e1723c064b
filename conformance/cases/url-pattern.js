// URLPattern with a group.
const p = new URLPattern({ pathname: "/users/:id(\\d+)" });

export default {
	async fetch(request, env, ctx) {
		return Response.json([p.test("https://h.example/users/7"), p.exec({ pathname: "/users/7" })?.pathname.groups.id, p.test("https://h.example/users/x")]);
	},
};

/*
GET /
--- 200
content-type: application/json

[true,"7",false]
*/
