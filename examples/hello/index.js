export default {
	fetch(request, env) {
		const name = new URL(request.url).searchParams.get("name") ?? env.NAME;
		return new Response(`Hello, ${name}!\n`);
	},
};
