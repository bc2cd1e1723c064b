// WebAssembly is not compiled from bytes.
export default {
	async fetch(request, env, ctx) {
		try {
			await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
			return new Response("compiled");
		} catch (e) {
			return new Response(e.name);
		}
	},
};

/*
GET /
--- 200

CompileError
*/
