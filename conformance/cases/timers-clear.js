// Cleared timers do not run; intervals do until cleared.
export default {
	async fetch(request, env, ctx) {
		let n = 0;
		clearTimeout(setTimeout(() => (n += 100), 1));
		await new Promise((resolve) => {
			const id = setInterval(() => {
				if (++n === 3) {
					clearInterval(id);
					resolve();
				}
			}, 1);
		});
		await scheduler.wait(5);
		return Response.json(n);
	},
};

/*
GET /
--- 200

3
*/
