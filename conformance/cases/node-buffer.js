// Buffer converts and compares.
// Flags: nodejs_compat
import { Buffer } from "node:buffer";

export default {
	async fetch(request, env, ctx) {
		const b = Buffer.from("héllo");
		return Response.json([b.length, b.toString("hex"), b.toString("base64"), Buffer.concat([b, Buffer.from([33])]).toString(), Buffer.from("aGk", "base64").toString(), b.readUInt16BE(0), Buffer.compare(Buffer.from("a"), Buffer.from("b"))]);
	},
};

/*
GET /
--- 200

[6,"68c3a96c6c6f","aMOpbGxv","héllo!","hi",26819,-1]
*/
