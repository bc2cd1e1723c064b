// A/B testing with a cookie.
export default {
	async fetch(request, env, ctx) {
		const cookies = Object.fromEntries((request.headers.get("cookie") ?? "").split("; ").filter(Boolean).map((c) => c.split("=")));
		const group = cookies.group ?? "control";
		const response = new Response(`group ${group}`);
		if (!cookies.group) {
			response.headers.append("set-cookie", `group=${group}; Path=/`);
		}
		return response;
	},
};

/*
GET /
--- 200
set-cookie: group=control; Path=/

group control
=== GET /
cookie: x=1; group=test
--- 200
set-cookie: -

group test
*/
