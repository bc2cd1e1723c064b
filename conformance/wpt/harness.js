// The frame around one test. What is in angle brackets is filled in.
addEventListener("fetch", (event) => event.respondWith(__wpt()));

async function __wpt() {
	const limit = /*<timeout>*/ 0;
	globalThis.self ??= globalThis;
	self.GLOBAL = { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false };
	/*<harness>*/
	const finished = new Promise((resolve) => add_completion_callback((tests, status) => resolve({ tests, status })));
	const timer = setTimeout(timeout, limit);
	setup({ explicit_done: true });
	/*<environment>*/
	let failure;
	try {
		(function () {
			/*<test>*/
		}).call(globalThis);
	} catch (error) {
		failure = error;
	}
	done();
	const { tests, status } = await finished;
	clearTimeout(timer);
	const text = (v) => (v === null || v === undefined ? "" : String(v));
	return new Response(
		JSON.stringify({
			status: failure === undefined ? status.status : 1,
			message: failure === undefined ? text(status.message) : text(failure),
			tests: tests.map((t) => ({ name: text(t.name), status: t.status, message: text(t.message) })),
		}),
	);
}
