// A DigestStream hashes what is piped into it.
export default {
	async fetch(request, env, ctx) {
		const digest = new crypto.DigestStream("SHA-256");
		await new Response("abc").body.pipeTo(digest);
		return Response.json([...new Uint8Array(await digest.digest)].slice(0, 4));
	},
};

/*
GET /
--- 200

[186,120,22,191]
*/
