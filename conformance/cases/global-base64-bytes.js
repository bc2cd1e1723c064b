// The usual way from base64 to bytes.
// Known failure: the engine's TypedArray.from does not take a string as the iterable it is.
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
