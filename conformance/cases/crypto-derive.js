// PBKDF2 and HKDF derive known bits.
export default {
	async fetch(request, env, ctx) {
		const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join("");
		const raw = new TextEncoder().encode("password");
		const salt = new TextEncoder().encode("salt");
		const p = await crypto.subtle.importKey("raw", raw, "PBKDF2", false, ["deriveBits"]);
		const h = await crypto.subtle.importKey("raw", raw, "HKDF", false, ["deriveBits"]);
		return Response.json([
			hex(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: 2 }, p, 128)),
			(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info: new Uint8Array() }, h, 256)).byteLength,
		]);
	},
};

/*
GET /
--- 200

["ae4d0c95af6b46d32d0adff928f06dd0",32]
*/
