// What a request tells.
export default {
	async fetch(request, env, ctx) {
		const url = new URL(request.url);
		return Response.json([request.method, url.pathname, url.search, request.headers.get("X-Test"), request.body === null, request.bodyUsed]);
	},
};

/*
DELETE /a%20b?x=%2F
x-test: 1
--- 200

["DELETE","/a%20b","?x=%2F","1",true,false]
*/
