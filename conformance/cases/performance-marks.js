// Marks and measures are entries.
// Differs from workerd: it has user timing only with nodejs_compat.
export default {
	async fetch(request, env, ctx) {
		performance.mark("a", { detail: { x: 1 } });
		performance.mark("b");
		const m = performance.measure("m", "a", "b");
		return Response.json([performance.getEntriesByName("a").length, performance.getEntriesByType("measure").length, m.name, m.duration >= 0]);
	},
};

/*
GET /
--- 200

[1,1,"m",true]
*/
