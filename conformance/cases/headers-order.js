// Headers are sorted, combined and checked.
const h = new Headers({ B: "3" });
h.append("a", "1");
h.append("A", "2");
h.append("Set-Cookie", "x=1");
h.append("Set-Cookie", "y=2");

export default {
	async fetch(request, env, ctx) {
		return Response.json([[...h], h.get("A"), h.getSetCookie(), (() => { try { h.set("bad name", "x") } catch (e) { return e.name } })()]);
	},
};

/*
GET /
--- 200
content-type: application/json

[[["a","1, 2"],["b","3"],["set-cookie","x=1"],["set-cookie","y=2"]],"1, 2",["x=1","y=2"],"TypeError"]
*/
