// URL, URLSearchParams and URLPattern have all their members.
export default {
	async fetch(request, env, ctx) {
		const names = `URL.prototype.href URL.prototype.origin URL.prototype.protocol URL.prototype.username URL.prototype.password URL.prototype.host URL.prototype.hostname URL.prototype.port URL.prototype.pathname URL.prototype.search URL.prototype.hash URL.prototype.searchParams URL.prototype.toJSON URL.prototype.toString URLSearchParams.prototype.append URLSearchParams.prototype.delete URLSearchParams.prototype.get URLSearchParams.prototype.getAll URLSearchParams.prototype.has URLSearchParams.prototype.set URLSearchParams.prototype.sort URLSearchParams.prototype.size URLSearchParams.prototype.entries URLSearchParams.prototype.keys URLSearchParams.prototype.values URLSearchParams.prototype.forEach URLSearchParams.prototype.toString URLPattern.prototype.test URLPattern.prototype.exec URLPattern.prototype.protocol URLPattern.prototype.username URLPattern.prototype.password URLPattern.prototype.hostname URLPattern.prototype.port URLPattern.prototype.pathname URLPattern.prototype.search URLPattern.prototype.hash URLPattern.prototype.hasRegExpGroups`.split(/\s+/);
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
