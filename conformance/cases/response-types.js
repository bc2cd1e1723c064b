// Bodies bring their content types.
export default {
	async fetch(request, env, ctx) {
		const type = (body) => new Response(body).headers.get("content-type")?.replace(/boundary=.*/, "boundary");
		return Response.json([type("s"), type(new URLSearchParams("a=1")), type(new Blob(["x"], { type: "text/css" })), type(new FormData()), type(new Uint8Array(1)), type(null) ?? null]);
	},
};

/*
GET /
--- 200

["text/plain;charset=UTF-8","application/x-www-form-urlencoded;charset=UTF-8","text/css","multipart/form-data; boundary",null,null]
*/
