// env and waitUntil can be imported.
import { env as imported, waitUntil } from "cloudflare:workers";

export default {
	async fetch(request, env, ctx) {
		waitUntil(env.KV.put("k", "v"));
		return new Response(imported.GREETING);
	},
};

/*
GET /
--- 200

Hello
*/
