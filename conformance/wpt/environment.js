// What a test finds beside the platform: its address and the files it fetches. A worker has
// no address of its own, so that the platform takes no relative URLs; here they are
// resolved before it sees them.
const __base = /*<base>*/ "";
const __resources = /*<resources>*/ {};
globalThis.location = Object.assign(Object.create({ toString: () => __base }), {
	href: __base,
	origin: new URL(__base).origin,
	protocol: new URL(__base).protocol,
	host: new URL(__base).host,
	hostname: new URL(__base).hostname,
	port: "",
	pathname: new URL(__base).pathname,
	search: new URL(__base).search,
	hash: "",
});
{
	// What is no URL even with a base is left to the platform to refuse.
	const absolute = (input) => {
		const text = input instanceof Request ? undefined : `${input}`;
		return text !== undefined && URL.canParse(text, __base) ? new URL(text, __base).href : input;
	};
	const platform = globalThis.fetch;
	const Request = globalThis.Request;
	globalThis.Request = new Proxy(Request, {
		construct(target, [input, ...rest], newTarget) {
			return Reflect.construct(target, [absolute(input), ...rest], newTarget === globalThis.Request ? target : newTarget);
		},
	});
	Request.prototype.constructor = globalThis.Request;
	Response.redirect = new Proxy(Response.redirect, {
		apply(target, receiver, args) {
			return Reflect.apply(target, receiver, args.length > 0 ? [absolute(args[0]), ...args.slice(1)] : args);
		},
	});
	globalThis.fetch = function fetch(input, ...rest) {
		const address = absolute(input);
		const url = typeof address === "string" && URL.canParse(address) ? new URL(address) : undefined;
		const found = url?.origin === location.origin ? __resources[url.pathname] : undefined;
		if (found === undefined) {
			return platform.call(this, address, ...rest);
		}
		const text = atob(found.base64);
		const bytes = new Uint8Array(text.length);
		for (let i = 0; i < bytes.length; i++) {
			bytes[i] = text.charCodeAt(i);
		}
		return Promise.resolve(new Response(bytes, { headers: { "content-type": found.type } }));
	};
}
