// A DOMException has a name, a message and a code.
export default {
	async fetch(request, env, ctx) {
		const e = new DOMException("why", "AbortError");
		return Response.json([e.name, e.message, e.code, e instanceof Error, DOMException.DATA_CLONE_ERR, new DOMException().name, String(e)]);
	},
};

/*
GET /
--- 200

["AbortError","why",20,true,25,"Error","AbortError: why"]
*/
