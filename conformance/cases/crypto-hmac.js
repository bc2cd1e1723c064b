// Signing with HMAC, as cookies and JWT do.
export default {
	async fetch(request, env, ctx) {
		const encode = (s) => new TextEncoder().encode(s);
		const key = await crypto.subtle.importKey("raw", encode("key"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
		const signature = await crypto.subtle.sign("HMAC", key, encode("text"));
		const good = await crypto.subtle.verify("HMAC", key, signature, encode("text"));
		const bad = await crypto.subtle.verify("HMAC", key, signature, encode("other"));
		return Response.json([btoa(String.fromCharCode(...new Uint8Array(signature))).length, good, bad]);
	},
};

/*
GET /
--- 200

[44,true,false]
*/
