// A body as bytes and as a Blob.
export default {
	async fetch(request, env, ctx) {
		const copy = request.clone();
		const bytes = new Uint8Array(await request.arrayBuffer());
		const blob = await copy.blob();
		return Response.json([[...bytes], blob.size, blob.type]);
	},
};

/*
POST /
content-type: text/x

AB
--- 200

[[65,66],2,"text/x"]
*/
