export default {
	async fetch(request, env) {
		const { pathname } = new URL(request.url);
		if (pathname === "/api/time") {
			return Response.json({ year: new Date().getUTCFullYear() > 2000 });
		}
		const page = await env.ASSETS.fetch(new URL("/missing", request.url));
		return new Response(await page.text(), { status: 404, headers: page.headers });
	},
};
