// FormData keeps order, files and repeated names.
export default {
	async fetch(request, env, ctx) {
		const form = new FormData();
		form.append("a", "1");
		form.append("f", new Blob(["x"], { type: "text/plain" }), "f.txt");
		form.append("a", "2");
		form.set("b", "3");
		const f = form.get("f");
		return Response.json([[...form.keys()], form.getAll("a"), f.name, f.type, await f.text(), form.has("z"), form.get("z")]);
	},
};

/*
GET /
--- 200

[["a","f","a","b"],["1","2"],"f.txt","text/plain","x",false,null]
*/
