// timingSafeEqual of equal lengths.
export default {
	async fetch(request, env, ctx) {
		const b = (s) => new TextEncoder().encode(s);
		return Response.json([crypto.subtle.timingSafeEqual(b("same"), b("same")), crypto.subtle.timingSafeEqual(b("same"), b("diff"))]);
	},
};

/*
GET /
--- 200

[true,false]
*/
