// AES-GCM there and back.
export default {
	async fetch(request, env, ctx) {
		const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
		const iv = crypto.getRandomValues(new Uint8Array(12));
		const secret = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode("secret"));
		const text = new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, secret));
		return Response.json([secret.byteLength, text, (await crypto.subtle.exportKey("jwk", key)).kty]);
	},
};

/*
GET /
--- 200

[22,"secret","oct"]
*/
