// encodeInto tells how far it came.
export default {
	async fetch(request, env, ctx) {
		const bytes = new Uint8Array(4);
		return Response.json([new TextEncoder().encodeInto("a€€", bytes), [...bytes]]);
	},
};

/*
GET /
--- 200

[{"read":2,"written":4},[97,226,130,172]]
*/
