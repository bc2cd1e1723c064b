// Unicode properties, named groups and lookbehind.
export default {
	async fetch(request, env, ctx) {
		return Response.json(["ÄÖ".match(/^\p{Lu}+$/u)?.[0], "a1".replace(/(?<letter>\p{L})/u, "<$<letter>>"), "x-y".split(/(?<=-)/)]);
	},
};

/*
GET /
--- 200
content-type: application/json

["ÄÖ","<a>1",["x-","y"]]
*/
