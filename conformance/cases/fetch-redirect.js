// Redirects are followed, or shown, or refused.
export default {
	async fetch(request, env, ctx) {
		const followed = await fetch(`${env.ORIGIN}/redirect`);
		const manual = await fetch(`${env.ORIGIN}/redirect`, { redirect: "manual" });
		let refused;
		try {
			await fetch(`${env.ORIGIN}/redirect`, { redirect: "error" });
		} catch (e) {
			refused = e.name;
		}
		return Response.json([followed.redirected, new URL(followed.url).pathname, manual.status, manual.headers.get("location"), refused]);
	},
};

/*
GET /
--- 200

[true,"/echo",302,"/echo?redirected","TypeError"]
*/
