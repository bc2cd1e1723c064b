// A MessageChannel clones what goes through it.
export default {
	async fetch(request, env, ctx) {
		const { port1, port2 } = new MessageChannel();
		const got = new Promise((resolve) => (port1.onmessage = (e) => resolve(e.data)));
		port2.postMessage({ a: [1, new Date(0)], m: new Map([["k", "v"]]) });
		const data = await got;
		return Response.json([data.a[0], data.a[1].getTime(), data.m.get("k")]);
	},
};

/*
GET /
--- 200

[1,0,"v"]
*/
