// The default export may be a WorkerEntrypoint class.
import { WorkerEntrypoint } from "cloudflare:workers";

export default class extends WorkerEntrypoint {
	async fetch(request) {
		this.ctx.waitUntil(Promise.resolve());
		return new Response(this.env.GREETING);
	}
}

/*
GET /
--- 200

Hello
*/
