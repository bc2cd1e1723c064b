// structuredClone keeps what JSON loses.
export default {
	async fetch(request, env, ctx) {
		const map = new Map([[1, new Set(["a"])]]);
		const value = { map, date: new Date(5), re: /x/gi, bytes: new Uint8Array([1, 2]), undef: undefined };
		value.self = value;
		const copy = structuredClone(value);
		let error;
		try {
			structuredClone(() => {});
		} catch (e) {
			error = e.name;
		}
		return Response.json([
			copy !== value, copy.self === copy, copy.map.get(1).has("a"), copy.date.getTime(), String(copy.re), [...copy.bytes], "undef" in copy, error,
		]);
	},
};

/*
GET /
--- 200

[true,true,true,5,"/x/gi",[1,2],true,"DataCloneError"]
*/
