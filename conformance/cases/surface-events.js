// Events, targets and abort signals have all their members.
// Differs from workerd: the members of some of its classes are properties of each object, not of the prototype.
export default {
	async fetch(request, env, ctx) {
		const names = `Event.prototype.type Event.prototype.eventPhase Event.prototype.composed Event.prototype.bubbles Event.prototype.cancelable Event.prototype.defaultPrevented Event.prototype.returnValue Event.prototype.currentTarget Event.prototype.target Event.prototype.srcElement Event.prototype.timeStamp Event.prototype.cancelBubble Event.prototype.preventDefault Event.prototype.stopPropagation Event.prototype.stopImmediatePropagation Event.prototype.composedPath Event.NONE Event.CAPTURING_PHASE Event.AT_TARGET Event.BUBBLING_PHASE EventTarget.prototype.addEventListener EventTarget.prototype.removeEventListener EventTarget.prototype.dispatchEvent CustomEvent.prototype.detail ErrorEvent.prototype.message ErrorEvent.prototype.filename ErrorEvent.prototype.lineno ErrorEvent.prototype.colno ErrorEvent.prototype.error MessageEvent.prototype.data MessageEvent.prototype.origin MessageEvent.prototype.lastEventId MessageEvent.prototype.source MessageEvent.prototype.ports CloseEvent.prototype.code CloseEvent.prototype.reason CloseEvent.prototype.wasClean PromiseRejectionEvent MessagePort.prototype.postMessage MessagePort.prototype.start MessagePort.prototype.close MessagePort.prototype.onmessage AbortController.prototype.signal AbortController.prototype.abort AbortSignal.prototype.aborted AbortSignal.prototype.reason AbortSignal.prototype.onabort AbortSignal.prototype.throwIfAborted DOMException.prototype.name DOMException.prototype.message DOMException.prototype.code`.split(/\s+/);
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
