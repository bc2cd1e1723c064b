export default {
	async fetch(request, env) {
		const { user, roles } = await env.KV.get("session", "json");
		return Response.json({ user, roles: roles.length });
	},
};
