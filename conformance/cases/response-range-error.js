// A status outside 200 to 599 is a RangeError.
export default {
	async fetch(request, env, ctx) {
		try {
			return new Response("", { status: 99 });
		} catch (e) {
			return new Response(e.name);
		}
	},
};

/*
GET /
--- 200

RangeError
*/
