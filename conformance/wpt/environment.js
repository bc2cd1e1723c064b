// What a test finds beside the platform: its address and the files it fetches.
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
if (Object.keys(__resources).length > 0) {
	const platform = globalThis.fetch;
	globalThis.fetch = function fetch(input, init) {
		const address = typeof input === "string" || input instanceof URL ? new URL(input, __base) : undefined;
		const found = address?.origin === location.origin ? __resources[address.pathname] : undefined;
		if (found === undefined) {
			return platform.call(this, input, init);
		}
		const text = atob(found.base64);
		const bytes = new Uint8Array(text.length);
		for (let i = 0; i < bytes.length; i++) {
			bytes[i] = text.charCodeAt(i);
		}
		return Promise.resolve(new Response(bytes, { headers: { "content-type": found.type } }));
	};
}
