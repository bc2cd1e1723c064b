// What is Workers' own has all its members.
// Differs from workerd: it exposes neither ExecutionContext nor ScheduledController by these names.
export default {
	async fetch(request, env, ctx) {
		const names = `caches.default caches.open Cache.prototype.match Cache.prototype.put Cache.prototype.delete HTMLRewriter.prototype.on HTMLRewriter.prototype.onDocument HTMLRewriter.prototype.transform ExecutionContext ExtendableEvent FetchEvent ScheduledEvent ScheduledController`.split(/\s+/);
		const has = (path) => {
			let o = globalThis;
			for (const part of path.split(".")) {
				if (o === undefined || o === null || !(part in Object(o))) {
					return false;
				}
				o = part === "prototype" ? o.prototype : path.endsWith("." + part) ? 1 : o[part];
			}
			return true;
		};
		return Response.json(names.filter((name) => !has(name)));
	},
};

/*
GET /
--- 200

[]
*/
