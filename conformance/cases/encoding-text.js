// TextEncoder and TextDecoder.
export default {
	async fetch(request, env, ctx) {
		return Response.json([[...new TextEncoder().encode("€")], new TextDecoder().decode(new Uint8Array([0xff, 65])), new TextDecoder("windows-1252").decode(new Uint8Array([0x80])), (() => { try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { return e.name } })()]);
	},
};

/*
GET /
--- 200
content-type: application/json

[[226,130,172],"�A","€","TypeError"]
*/
