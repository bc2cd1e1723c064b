// A proxy: the request goes on with another host, the answer comes back changed.
export default {
	async fetch(request, env, ctx) {
		const url = new URL(request.url);
		const response = await fetch(new Request(env.ORIGIN + url.pathname, request));
		const changed = new Response(response.body, response);
		changed.headers.set("x-proxied", "1");
		return changed;
	},
};

/*
PUT /through
x-test: kept

data
--- 200
x-proxied: 1
x-origin: yes

PUT /through kept[data]
*/
