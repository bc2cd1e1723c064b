const secret = new TextEncoder().encode("a secret of the bench's own making");
let key;

function bytes(base64url) {
	return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

// Verifies an HS256 token and answers with its claims.
export default {
	async fetch(request) {
		const token = request.headers.get("authorization").slice("Bearer ".length);
		const [head, claims, signature] = token.split(".");
		key ??= await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
		const signed = new TextEncoder().encode(head + "." + claims);
		if (!(await crypto.subtle.verify("HMAC", key, bytes(signature), signed))) {
			return new Response("bad signature", { status: 401 });
		}
		const { sub, exp } = JSON.parse(new TextDecoder().decode(bytes(claims)));
		if (exp * 1000 < Date.now()) return new Response("expired", { status: 401 });
		return Response.json({ sub });
	},
};
