// Headers, Request, Response and FormData have all their members.
export default {
	async fetch(request, env, ctx) {
		const names = `Headers.prototype.get Headers.prototype.getAll Headers.prototype.getSetCookie Headers.prototype.has Headers.prototype.set Headers.prototype.append Headers.prototype.delete Headers.prototype.forEach Headers.prototype.entries Headers.prototype.keys Headers.prototype.values Request.prototype.method Request.prototype.url Request.prototype.headers Request.prototype.redirect Request.prototype.signal Request.prototype.cf Request.prototype.integrity Request.prototype.keepalive Request.prototype.cache Request.prototype.body Request.prototype.bodyUsed Request.prototype.clone Request.prototype.arrayBuffer Request.prototype.bytes Request.prototype.text Request.prototype.json Request.prototype.formData Request.prototype.blob Response.prototype.status Response.prototype.statusText Response.prototype.headers Response.prototype.ok Response.prototype.redirected Response.prototype.url Response.prototype.type Response.prototype.body Response.prototype.bodyUsed Response.prototype.webSocket Response.prototype.cf Response.prototype.clone Response.prototype.arrayBuffer Response.prototype.bytes Response.prototype.text Response.prototype.json Response.prototype.formData Response.prototype.blob FormData.prototype.append FormData.prototype.delete FormData.prototype.get FormData.prototype.getAll FormData.prototype.has FormData.prototype.set FormData.prototype.entries FormData.prototype.keys FormData.prototype.values FormData.prototype.forEach Blob.prototype.size Blob.prototype.type Blob.prototype.slice Blob.prototype.arrayBuffer Blob.prototype.bytes Blob.prototype.text Blob.prototype.stream File.prototype.name File.prototype.lastModified WebSocket.prototype.accept WebSocket.prototype.send WebSocket.prototype.close WebSocket.prototype.serializeAttachment WebSocket.prototype.deserializeAttachment WebSocket.prototype.readyState WebSocket.prototype.url WebSocket.prototype.protocol WebSocket.prototype.extensions WebSocket.prototype.binaryType WebSocketPair`.split(/\s+/);
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
