// A data: URL.
export default {
	async fetch(request, env, ctx) {
		const response = await fetch("data:text/x;base64,SGk=");
		return Response.json([response.headers.get("content-type"), await response.text()]);
	},
};

/*
GET /
--- 200

["text/x","Hi"]
*/
