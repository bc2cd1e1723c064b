// Several Set-Cookie headers stay apart.
export default {
	async fetch(request, env, ctx) {
		const response = new Response("ok");
		response.headers.append("Set-Cookie", "a=1; HttpOnly");
		response.headers.append("Set-Cookie", "b=2");
		return response;
	},
};

/*
GET /
--- 200
set-cookie: a=1; HttpOnly
set-cookie: b=2

ok
*/
