export default {
	async fetch(request, env) {
		const value = await env.KV.get("kilobyte");
		return new Response(value);
	},
};
