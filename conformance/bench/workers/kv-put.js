export default {
	async fetch(request, env) {
		await env.KV.put("put-" + Math.floor(Math.random() * 1000), await request.text());
		return new Response("stored");
	},
};
