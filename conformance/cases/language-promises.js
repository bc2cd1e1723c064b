// Promise.withResolvers and allSettled.
const p = Promise.withResolvers();
p.resolve(1);
p.state = "set";

export default {
	async fetch(request, env, ctx) {
		return Response.json([p.state, Number.isInteger(await p.promise), (await Promise.allSettled([1, Promise.reject(new Error("no"))])).map((r) => r.status)]);
	},
};

/*
GET /
--- 200
content-type: application/json

["set",true,["fulfilled","rejected"]]
*/
