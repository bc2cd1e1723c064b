// The Cache API: put, match and delete.
export default {
	async fetch(request, env, ctx) {
		const cache = caches.default;
		const key = new Request(new URL("/cached", request.url));
		const miss = await cache.match(key);
		await cache.put(key, new Response("kept", { headers: { "cache-control": "max-age=60", "x-a": "1" } }));
		const hit = await cache.match(key);
		const result = [miss === undefined, await hit.text(), hit.headers.get("x-a"), await cache.delete(key), await cache.delete(key)];
		return Response.json(result);
	},
};

/*
GET /
--- 200

[true,"kept","1",true,false]
*/
