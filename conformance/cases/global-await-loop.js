// for await works over async generators and streams.
export default {
	async fetch(request, env, ctx) {
		async function* numbers() {
			for (let i = 1; i < 4; i++) {
				await null;
				yield i;
			}
		}
		let sum = 0;
		for await (const n of numbers()) {
			sum += n;
		}
		let text = "";
		for await (const chunk of new Response("streamed").body) {
			text += new TextDecoder().decode(chunk);
		}
		return new Response(`${sum} ${text}`);
	},
};

/*
GET /
--- 200

6 streamed
*/
