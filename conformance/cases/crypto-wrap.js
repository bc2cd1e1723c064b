// AES-KW wraps a key that unwraps to the same.
export default {
	async fetch(request, env, ctx) {
		const kek = await crypto.subtle.generateKey({ name: "AES-KW", length: 128 }, false, ["wrapKey", "unwrapKey"]);
		const key = await crypto.subtle.generateKey({ name: "AES-CBC", length: 256 }, true, ["encrypt"]);
		const wrapped = await crypto.subtle.wrapKey("raw", key, kek, "AES-KW");
		const again = await crypto.subtle.unwrapKey("raw", wrapped, kek, "AES-KW", "AES-CBC", true, ["encrypt"]);
		const [a, b] = await Promise.all([key, again].map((k) => crypto.subtle.exportKey("jwk", k)));
		return Response.json([wrapped.byteLength, a.k === b.k, again.usages]);
	},
};

/*
GET /
--- 200

[40,true,["encrypt"]]
*/
