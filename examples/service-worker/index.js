// The older syntax: no exports, and bindings are globals.
addEventListener("fetch", (event) => {
	event.respondWith(answer(event.request));
});

async function answer(request) {
	return new Response(`${GREETING}, you asked for ${new URL(request.url).pathname}\n`);
}
