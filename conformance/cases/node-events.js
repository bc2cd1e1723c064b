// An EventEmitter emits in order, once and with errors.
// Flags: nodejs_compat
import { EventEmitter } from "node:events";

export default {
	async fetch(request, env, ctx) {
		const e = new EventEmitter();
		const seen = [];
		e.on("x", (v) => seen.push("on" + v));
		e.once("x", (v) => seen.push("once" + v));
		e.prependListener("x", () => seen.push("first"));
		e.emit("x", 1);
		e.emit("x", 2);
		try {
			e.emit("error", new Error("boom"));
		} catch (err) {
			seen.push(err.message);
		}
		return Response.json([seen, e.listenerCount("x")]);
	},
};

/*
GET /
--- 200

[["first","on1","once1","first","on2","boom"],2]
*/
