// ExecutionContext and env have what handlers use.
export default {
	async fetch(request, env, ctx) {
		return Response.json([typeof ctx.waitUntil, typeof ctx.passThroughOnException, typeof ctx.props, typeof env.KV.get, typeof env.KV.getWithMetadata, typeof env.KV.put, typeof env.KV.delete, typeof env.KV.list]);
	},
};

/*
GET /
--- 200

["function","function","object","function","function","function","function","function"]
*/
