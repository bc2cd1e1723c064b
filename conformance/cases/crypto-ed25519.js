// Ed25519 signs and verifies.
export default {
	async fetch(request, env, ctx) {
		const { privateKey, publicKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
		const data = new Uint8Array([1, 2, 3]);
		const signature = await crypto.subtle.sign("Ed25519", privateKey, data);
		return Response.json([signature.byteLength, await crypto.subtle.verify("Ed25519", publicKey, signature, data), (await crypto.subtle.exportKey("raw", publicKey)).byteLength]);
	},
};

/*
GET /
--- 200

[64,true,32]
*/
