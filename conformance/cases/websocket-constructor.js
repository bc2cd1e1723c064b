// WebSocket's constructor refuses bad addresses, schemes and protocols before it dials.
export default {
	async fetch(request, env, ctx) {
		const said = [];
		for (const [url, protocols] of [
			["/relative", undefined], ["ftp://example.com/", undefined], ["ws://example.com/#part", undefined],
			["ws://example.com/", "a b"], ["ws://example.com/", ["a", "a"]], ["ws://example.com/", ""],
		]) {
			try {
				new WebSocket(url, protocols);
				said.push(`${url} ${protocols}: made`);
			} catch (e) {
				said.push(`${url} ${protocols}: ${e.constructor.name} ${e.name}`);
			}
		}
		try {
			WebSocket("ws://example.com/");
		} catch (e) {
			said.push(`called: ${e.name}`);
		}
		said.push([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED].join());
		return new Response(said.join("\n"));
	},
};

/*
GET /
--- 200

/relative undefined: DOMException SyntaxError
ftp://example.com/ undefined: DOMException SyntaxError
ws://example.com/#part undefined: DOMException SyntaxError
ws://example.com/ a b: DOMException SyntaxError
ws://example.com/ a,a: DOMException SyntaxError
ws://example.com/ : DOMException SyntaxError
called: TypeError
0,1,2,3
*/
