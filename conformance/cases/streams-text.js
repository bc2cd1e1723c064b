// Text streams encode and decode across chunks.
export default {
	async fetch(request, env, ctx) {
		const chunks = [new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac])];
		let text = "";
		for await (const part of ReadableStream.from(chunks).pipeThrough(new TextDecoderStream())) {
			text += part;
		}
		return Response.json([text, await new Response(ReadableStream.from(["€"]).pipeThrough(new TextEncoderStream())).text()]);
	},
};

/*
GET /
--- 200

["€","€"]
*/
