// getRandomValues fills integer arrays, up to 65536 bytes.
export default {
	async fetch(request, env, ctx) {
		const names = [];
		for (const f of [() => crypto.getRandomValues(new Float32Array(1)), () => crypto.getRandomValues(new Uint8Array(65537))]) {
			try {
				f();
			} catch (e) {
				names.push(e.name);
			}
		}
		const a = new Uint32Array(2);
		return Response.json([crypto.getRandomValues(a) === a, ...names]);
	},
};

/*
GET /
--- 200

[true,"TypeMismatchError","QuotaExceededError"]
*/
