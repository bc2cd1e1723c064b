// AsyncLocalStorage keeps its value over awaits.
// Flags: nodejs_compat
import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage();

export default {
	async fetch(request, env, ctx) {
		const value = await storage.run({ id: 7 }, async () => {
			await scheduler.wait(1);
			return storage.getStore().id;
		});
		return Response.json([value, storage.getStore() === undefined]);
	},
};

/*
GET /
--- 200

[7,true]
*/
