// The cache refuses what cannot be kept.
export default {
	async fetch(request, env, ctx) {
		const cache = await caches.open("mine");
		const names = [];
		for (const [req, res] of [[new Request("https://e.example/", { method: "POST" }), new Response("")], ["https://e.example/", new Response("", { status: 206 })], ["https://e.example/", new Response("", { headers: { vary: "*" } })]]) {
			try {
				await cache.put(req, res);
				names.push("none");
			} catch (e) {
				names.push(e.name);
			}
		}
		return Response.json([...names, (await cache.match("https://e.example/none")) === undefined]);
	},
};

/*
GET /
--- 200

["TypeError","TypeError","TypeError",true]
*/
