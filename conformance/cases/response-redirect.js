// Response.redirect.
export default {
	async fetch(request, env, ctx) {
		return Response.redirect("https://example.com/there", 301);
	},
};

/*
GET /
--- 301
location: https://example.com/there
*/
