// Code cannot be made of strings.
export default {
	async fetch(request, env, ctx) {
		return Response.json(["eval", "Function"].map((name) => { try { name === "eval" ? (0, eval)("1") : new Function("return 1") } catch (e) { return e.name } }));
	},
};

/*
GET /
--- 200
content-type: application/json

["EvalError","EvalError"]
*/
