// node:path and node:url take names apart.
// Flags: nodejs_compat
import path from "node:path";
import { fileURLToPath } from "node:url";

export default {
	async fetch(request, env, ctx) {
		return Response.json([path.join("/a", "../b", "c.txt"), path.extname("x.tar.gz"), path.relative("/a/b", "/a/c"), fileURLToPath("file:///x/y"), path.parse("/d/f.e").name]);
	},
};

/*
GET /
--- 200

["/b/c.txt",".gz","../c","/x/y","f"]
*/
