// Response.json sets the type.
export default {
	async fetch(request, env, ctx) {
		return Response.json({ ok: true }, { status: 201, headers: { "x-a": "1" } });
	},
};

/*
GET /
--- 201
content-type: application/json
x-a: 1

{"ok":true}
*/
