// A form, as browsers send it.
export default {
	async fetch(request, env, ctx) {
		const form = await request.formData();
		return Response.json([...form]);
	},
};

/*
POST /
content-type: application/x-www-form-urlencoded

a=1&b=x+y&a=%C3%A9
--- 200

[["a","1"],["b","x y"],["a","é"]]
*/
