// Blobs and Files.
export default {
	async fetch(request, env, ctx) {
		const blob = new Blob(["abc", new Uint8Array([100])], { type: "Text/Plain" });
		const file = new File([blob.slice(1, 3)], "f.txt", { lastModified: 5 });
		return Response.json([blob.size, blob.type, await file.text(), file.name, file.lastModified]);
	},
};

/*
GET /
--- 200

[4,"text/plain","bc","f.txt",5]
*/
