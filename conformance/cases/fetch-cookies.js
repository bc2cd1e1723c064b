// Several Set-Cookie headers of an origin.
export default {
	async fetch(request, env, ctx) {
		const { headers } = await fetch(`${env.ORIGIN}/cookies`);
		return Response.json([headers.getSetCookie(), headers.get("set-cookie")]);
	},
};

/*
GET /
--- 200

[["a=1","b=2; Path=/"],"a=1, b=2; Path=/"]
*/
