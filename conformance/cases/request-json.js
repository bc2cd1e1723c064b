// A JSON body, and one that is none.
export default {
	async fetch(request, env, ctx) {
		try {
			const { name, list } = await request.json();
			return Response.json({ hello: name, sum: list.reduce((a, b) => a + b, 0) });
		} catch (e) {
			return new Response(e.name, { status: 400 });
		}
	},
};

/*
POST /
content-type: application/json

{"name":"Ada","list":[1,2,3]}
--- 200

{"hello":"Ada","sum":6}
=== POST /

{"name":
--- 400

SyntaxError
*/
