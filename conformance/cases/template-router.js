// A router of one's own, as in many workers.
const routes = [
	["GET", new URLPattern({ pathname: "/books" }), () => Response.json(["dune"])],
	["GET", new URLPattern({ pathname: "/books/:id" }), (m) => Response.json({ id: m.pathname.groups.id })],
	["POST", new URLPattern({ pathname: "/books" }), async (m, request) => Response.json(await request.json(), { status: 201 })],
];

export default {
	async fetch(request) {
		for (const [method, pattern, handle] of routes) {
			const match = pattern.exec(request.url);
			if (match && method === request.method) {
				return handle(match, request);
			}
		}
		return new Response("Not Found", { status: 404 });
	},
};

/*
GET /books/7?x
--- 200

{"id":"7"}
=== POST /books

{"a":1}
--- 201

{"a":1}
=== GET /none
--- 404

Not Found
*/
