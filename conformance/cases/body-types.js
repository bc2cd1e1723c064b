// Bodies have their default content types.
export default {
	async fetch(request, env, ctx) {
		const type = (body) => new Response(body).headers.get("content-type");
		const form = new FormData();
		form.append("a", "b");
		return Response.json([type("x"), type(new URLSearchParams("a=b")), type(new Blob(["x"], { type: "a/b" })), type(new Uint8Array(1)), type(form).startsWith("multipart/form-data; boundary="), type(null)]);
	},
};

/*
GET /
--- 200

["text/plain;charset=UTF-8","application/x-www-form-urlencoded;charset=UTF-8","a/b",null,true,null]
*/
