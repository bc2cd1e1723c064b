// A cloned request has a body of its own.
export default {
	async fetch(request, env, ctx) {
		const a = new Request("https://example.com/", { method: "POST", body: "text" });
		const b = a.clone();
		return Response.json([await a.text(), await b.text(), a.bodyUsed, b.method, b.url]);
	},
};

/*
GET /
--- 200

["text","text",true,"POST","https://example.com/"]
*/
