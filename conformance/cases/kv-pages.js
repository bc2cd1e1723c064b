// Listing by cursor.
export default {
	async fetch(request, env, ctx) {
		await Promise.all(["a", "b", "c", "d", "e"].map((k) => env.KV.put(k, k)));
		const pages = [];
		let cursor;
		do {
			const page = await env.KV.list({ limit: 2, cursor });
			pages.push(page.keys.map((k) => k.name).join(""));
			cursor = page.list_complete ? undefined : page.cursor;
		} while (cursor);
		return Response.json(pages);
	},
};

/*
GET /
--- 200

["ab","cd","e"]
*/
