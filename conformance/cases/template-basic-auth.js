// Basic authentication.
export default {
	async fetch(request, env, ctx) {
		const [scheme, encoded] = (request.headers.get("authorization") ?? "").split(" ");
		if (scheme !== "Basic" || atob(encoded) !== "ada:pass") {
			return new Response("Unauthorized", { status: 401, headers: { "www-authenticate": 'Basic realm="site"' } });
		}
		return new Response("welcome");
	},
};

/*
GET /
--- 401
www-authenticate: Basic realm="site"

Unauthorized
=== GET /
authorization: Basic YWRhOnBhc3M=
--- 200

welcome
*/
