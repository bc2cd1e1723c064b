// Every global that a worker may count on is there.
// Differs from workerd: it has setImmediate only with nodejs_compat.
export default {
	async fetch(request, env, ctx) {
		const names = `globalThis self addEventListener removeEventListener dispatchEvent atob btoa setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask structuredClone reportError fetch crypto performance navigator console caches scheduler WebAssembly WorkerGlobalScope ServiceWorkerGlobalScope navigator.userAgent scheduler.wait URL.canParse URL.parse AbortSignal.any AbortSignal.timeout AbortSignal.abort Response.json Response.redirect Response.error ReadableStream.from`.split(/\s+/);
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
