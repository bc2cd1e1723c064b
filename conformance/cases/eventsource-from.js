// EventSource.from reads server-sent events of a stream that the script has.
export default {
	async fetch(request, env, ctx) {
		const text = "event: greeting\nid: 1\ndata: hello\ndata: world\n\n: comment\ndata: plain\n\ndata: unfinished";
		const source = EventSource.from(new Response(text).body);
		const said = [[EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED].join()];
		await new Promise((resolve) => {
			source.addEventListener("greeting", (e) => said.push(`${e.constructor.name} ${e.type} ${JSON.stringify(e.data)} ${e.lastEventId}`));
			source.onmessage = (e) => {
				said.push(`${e.type} ${e.data} ${e.lastEventId}`);
				resolve();
			};
		});
		source.close();
		said.push(source.readyState);
		for (const url of ["/relative", "https://"]) {
			try {
				new EventSource(url);
			} catch (e) {
				said.push(`${e.constructor.name} ${e.name}`);
			}
		}
		return new Response(said.join("\n"));
	},
};

/*
GET /
--- 200

0,1,2
MessageEvent greeting "hello\nworld" 1
message plain 1
2
DOMException SyntaxError
DOMException SyntaxError
*/
