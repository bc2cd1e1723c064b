// TextDecoder knows labels, marks and fatal errors.
export default {
	async fetch(request, env, ctx) {
		let name;
		try {
			new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff]));
		} catch (e) {
			name = e.name;
		}
		return Response.json([new TextDecoder("latin1").encoding, new TextDecoder("utf-16le").decode(new Uint8Array([0x41, 0])), new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x41])), name]);
	},
};

/*
GET /
--- 200

["windows-1252","A","A","TypeError"]
*/
