// The usual way from base64 to bytes.
export default {
	async fetch(request, env, ctx) {
		return Response.json([...Uint8Array.from(atob("AAEC/w=="), (c) => c.charCodeAt(0))]);
	},
};

/*
GET /
--- 200
content-type: application/json

[0,1,2,255]
*/
