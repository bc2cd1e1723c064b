// WebSocketPair carries messages between its ends.
export default {
	async fetch(request, env, ctx) {
		const [a, b] = Object.values(new WebSocketPair());
		a.accept();
		b.accept();
		const answer = new Promise((resolve) => a.addEventListener("message", (e) => resolve(e.data)));
		b.addEventListener("message", (e) => b.send(`echo ${e.data}`));
		a.send("hi");
		return new Response(await answer);
	},
};

/*
GET /
--- 200

echo hi
*/
