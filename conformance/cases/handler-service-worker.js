// A service-worker script answers by respondWith, and bindings are globals.
addEventListener("fetch", (event) => {
	event.respondWith(handle(event.request));
});

async function handle(request) {
	return new Response(`${GREETING} ${new URL(request.url).pathname}`);
}

/*
GET /sw
--- 200

Hello /sw
*/
