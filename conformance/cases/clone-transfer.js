// structuredClone transfers buffers and refuses functions.
export default {
	async fetch(request, env, ctx) {
		const buffer = new ArrayBuffer(4);
		const moved = structuredClone(buffer, { transfer: [buffer] });
		let name;
		try {
			structuredClone(() => 1);
		} catch (e) {
			name = e.name;
		}
		return Response.json([moved.byteLength, buffer.byteLength, name]);
	},
};

/*
GET /
--- 200

[4,0,"DataCloneError"]
*/
