// pipeTo writes, closes, and passes errors on.
export default {
	async fetch(request, env, ctx) {
		const seen = [];
		await ReadableStream.from(["a", "b"]).pipeTo(new WritableStream({ write: (c) => seen.push(c), close: () => seen.push("closed") }));
		const broken = new ReadableStream({ pull(c) { c.error(new RangeError("broken")); } });
		await broken.pipeTo(new WritableStream({ abort: (e) => seen.push(e.message) })).catch((e) => seen.push(e.name));
		return Response.json(seen);
	},
};

/*
GET /
--- 200

["a","b","closed","broken","RangeError"]
*/
