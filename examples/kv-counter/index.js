// GET /NAME counts NAME up, DELETE /NAME forgets it, GET / lists all counters.
export default {
	async fetch(request, env) {
		const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
		if (name === "") {
			const { keys } = await env.COUNTERS.list();
			return Response.json(Object.fromEntries(keys.map((k) => [k.name, k.metadata.count])));
		}
		if (request.method === "DELETE") {
			await env.COUNTERS.delete(name);
			return new Response(null, { status: 204 });
		}
		const count = Number((await env.COUNTERS.get(name)) ?? 0) + 1;
		// The metadata comes with a list, the value does not.
		await env.COUNTERS.put(name, String(count), { metadata: { count } });
		console.log(`${name} is at ${count}`);
		return new Response(`${name}: ${count}\n`);
	},
};
