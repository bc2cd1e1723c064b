// Sends every request on to ORIGIN, below the same path, and streams the answer back.
export default {
	async fetch(request, env) {
		const url = new URL(request.url);
		if (url.pathname.startsWith("/private/")) {
			return new Response("not for the public\n", { status: 403 });
		}
		const target = new URL(url.pathname + url.search, env.ORIGIN);
		const answer = await fetch(new Request(target, request));
		const headers = new Headers(answer.headers);
		headers.set("x-proxied-by", "mayfly");
		return new Response(answer.body, { status: answer.status, headers });
	},
};
