// A File is a Blob with a name.
export default {
	async fetch(request, env, ctx) {
		const f = new File(["ab", new Uint8Array([99])], "n.txt", { type: "Text/Plain", lastModified: 7 });
		return Response.json([f.name, f.type, f.size, f.lastModified, f instanceof Blob, await f.text()]);
	},
};

/*
GET /
--- 200

["n.txt","text/plain",3,7,true,"abc"]
*/
