// structuredClone keeps types, cycles and errors.
export default {
	async fetch(request, env, ctx) {
		const o = { d: new Date(5), r: /x/gi, s: new Set([1]), u: undefined, n: null, b: 10n, e: new RangeError("no") };
		o.self = o;
		const c = structuredClone(o);
		return Response.json([c.d.getTime(), String(c.r), [...c.s], "u" in c, c.n, String(c.b), c.e.name, c.e.message, c.e instanceof RangeError, c.self === c]);
	},
};

/*
GET /
--- 200

[5,"/x/gi",[1],true,null,"10","RangeError","no",true,true]
*/
