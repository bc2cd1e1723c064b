// self is globalThis, and navigator says that this is Workers.
export default {
	async fetch(request, env, ctx) {
		return Response.json([self === globalThis, typeof navigator.userAgent, navigator.userAgent]);
	},
};

/*
GET /
--- 200
content-type: application/json

[true,"string","Cloudflare-Workers"]
*/
