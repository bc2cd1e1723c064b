// Cancelling tells the source, and errors reach the reader.
export default {
	async fetch(request, env, ctx) {
		let why;
		const s = new ReadableStream({ cancel: (reason) => (why = reason) });
		const reader = s.getReader();
		await reader.cancel("enough");
		const { done } = await reader.read();
		return Response.json([why, done, s.locked]);
	},
};

/*
GET /
--- 200

["enough",true,true]
*/
