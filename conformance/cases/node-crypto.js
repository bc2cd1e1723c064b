// node:crypto hashes and signs with HMAC.
// Flags: nodejs_compat
import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

export default {
	async fetch(request, env, ctx) {
		return Response.json([createHash("sha256").update("abc").digest("hex").slice(0, 8), createHmac("sha1", "key").update("x").digest("base64"), randomBytes(8).length, timingSafeEqual(Buffer.from("a"), Buffer.from("a"))]);
	},
};

/*
GET /
--- 200

["ba7816bf","KgDo6DQ9+GxMGIsmPuyjMa+jFUg=",8,true]
*/
