// ECDSA signs and verifies, and refuses what was changed.
export default {
	async fetch(request, env, ctx) {
		const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
		const data = new TextEncoder().encode("data");
		const algorithm = { name: "ECDSA", hash: "SHA-256" };
		const signature = await crypto.subtle.sign(algorithm, privateKey, data);
		const jwk = await crypto.subtle.exportKey("jwk", publicKey);
		return Response.json([signature.byteLength, await crypto.subtle.verify(algorithm, publicKey, signature, data), await crypto.subtle.verify(algorithm, publicKey, signature, new Uint8Array(4)), jwk.kty, jwk.crv]);
	},
};

/*
GET /
--- 200

[64,true,false,"EC","P-256"]
*/
