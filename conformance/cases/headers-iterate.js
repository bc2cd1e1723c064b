// Headers iterate sorted, lower-case and combined.
export default {
	async fetch(request, env, ctx) {
		const h = new Headers([["B", "2"], ["a", "1"], ["b", "3"], ["Set-Cookie", "x=1"], ["set-cookie", "y=2"]]);
		return Response.json([[...h], h.get("b"), h.getSetCookie(), h.has("A")]);
	},
};

/*
GET /
--- 200

[[["a","1"],["b","2, 3"],["set-cookie","x=1"],["set-cookie","y=2"]],"2, 3",["x=1","y=2"],true]
*/
