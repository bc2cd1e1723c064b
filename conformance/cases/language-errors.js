// Errors have causes, and stacks that name the file.
export default {
	async fetch(request, env, ctx) {
		return Response.json((() => { const e = new Error("outer", { cause: new TypeError("inner") }); return [e.cause.name, e instanceof Error, typeof e.stack, e.stack.includes("index.js")] })());
	},
};

/*
GET /
--- 200
content-type: application/json

["TypeError",true,"string",true]
*/
