// CORS with a preflight.
const headers = { "access-control-allow-origin": "*", "access-control-allow-methods": "GET, POST" };

export default {
	async fetch(request) {
		if (request.method === "OPTIONS") {
			return new Response(null, { status: 204, headers });
		}
		const response = new Response("data");
		for (const [name, value] of Object.entries(headers)) {
			response.headers.set(name, value);
		}
		return response;
	},
};

/*
OPTIONS /
--- 204
access-control-allow-methods: GET, POST

=== GET /
--- 200
access-control-allow-origin: *

data
*/
