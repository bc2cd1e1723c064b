// A request has cf and the headers of Cloudflare.
// Differs from workerd: by itself it numbers no requests (CF-Ray), Cloudflare's network does.
export default {
	async fetch(request, env, ctx) {
		return Response.json([typeof request.cf, typeof request.headers.get("cf-connecting-ip"), /^[0-9a-f]{16}/.test(request.headers.get("cf-ray"))]);
	},
};

/*
GET /
--- 200

["object","string",true]
*/
