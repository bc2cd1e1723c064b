// instanceof works for every kind of built-in.
export default {
	async fetch() {
		const buffer = await new Response("x").arrayBuffer();
		return Response.json([
			new Uint8Array(1) instanceof Uint8Array, buffer instanceof ArrayBuffer, [] instanceof Array, (() => {}) instanceof Function,
			new Headers() instanceof Headers, new Date() instanceof Date, /x/ instanceof RegExp, new Error() instanceof Error, "" instanceof String,
		]);
	},
};

/*
GET /
--- 200

[true,true,true,true,true,true,true,true,false]
*/
