// A body is read once; a clone has its own.
export default {
	async fetch(request, env, ctx) {
		const copy = request.clone();
		const text = await request.text();
		let error;
		try {
			await request.text();
		} catch (e) {
			error = e.name;
		}
		return Response.json([text, request.bodyUsed, error, await copy.text()]);
	},
};

/*
POST /

body
--- 200

["body",true,"TypeError","body"]
*/
