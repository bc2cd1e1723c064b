// What KV refuses.
// Known failure: messages of KV begin with "Failed to execute", which those of Workers do not.
export default {
	async fetch(request, env, ctx) {
		const failure = (p) => p.then(() => "none", (e) => `${e.name}: ${e.message}`);
		const call = (f) => failure((async () => f())());
		return Response.json([
			await call(() => env.KV.get("")),
			(await call(() => env.KV.put("k", "v", { expirationTtl: 1 }))).startsWith("Error: KV PUT failed: 400"),
			(await call(() => env.KV.get("k".repeat(513)))).startsWith("Error: KV GET failed: 414"),
		]);
	},
};

/*
GET /
--- 200

["TypeError: Key name cannot be empty.",true,true]
*/
