export default {
	// Called when a trigger is due.
	async scheduled(controller, env, ctx) {
		const at = new Date(controller.scheduledTime).toISOString();
		console.log("running for", at);
		ctx.waitUntil(env.STATE.put("last", `${controller.cron} at ${at}`));
	},

	async fetch(request, env) {
		return new Response(`last run: ${(await env.STATE.get("last")) ?? "never"}\n`);
	},
};
