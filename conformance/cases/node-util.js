// node:util promisifies and formats.
// Flags: nodejs_compat
import { format, isDeepStrictEqual, promisify, types } from "node:util";

export default {
	async fetch(request, env, ctx) {
		const later = promisify((x, done) => done(null, x + 1));
		return Response.json([await later(1), format("%s=%d %j", "a", 2, { b: 1 }), types.isDate(new Date()), isDeepStrictEqual({ a: [1] }, { a: [1] })]);
	},
};

/*
GET /
--- 200

[2,"a=2 {\"b\":1}",true,true]
*/
