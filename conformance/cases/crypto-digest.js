// Digests, and random values.
export default {
	async fetch(request, env, ctx) {
		const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("abc"));
		const hex = [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, "0")).join("");
		return Response.json([hex.slice(0, 16), /^[0-9a-f]{8}-[0-9a-f]{4}-4/.test(crypto.randomUUID()), crypto.getRandomValues(new Uint8Array(8)).length]);
	},
};

/*
GET /
--- 200

["ba7816bf8f01cfea",true,8]
*/
