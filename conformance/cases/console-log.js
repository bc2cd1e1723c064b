// console takes anything and returns nothing.
export default {
	async fetch(request, env, ctx) {
		console.log("text", 1, { a: [1, { b: 2 }] }, new Map([[1, 2]]), Symbol("s"), null, undefined, 1n, new Error("e"));
		console.table([{ a: 1 }]);
		console.assert(true);
		return Response.json([console.error("%s is %d", "x", 1) ?? null]);
	},
};

/*
GET /
--- 200

[null]
*/
