// http://origin.invalid stands for the address of the bench's own origin.
export default {
	async fetch(request) {
		const url = new URL(request.url);
		const answer = await fetch("http://origin.invalid" + url.pathname, { headers: { accept: "text/plain" } });
		const response = new Response(answer.body, answer);
		response.headers.set("x-proxied", "1");
		return response;
	},
};
