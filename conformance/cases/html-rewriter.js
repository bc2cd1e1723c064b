// HTMLRewriter changes elements while the page streams.
export default {
	async fetch(request, env, ctx) {
		const page = new Response("<p class=a>old</p><a href=/x>link</a>", { headers: { "content-type": "text/html" } });
		return new HTMLRewriter()
			.on("a[href]", { element: (e) => e.setAttribute("href", "https://example.com" + e.getAttribute("href")) })
			.on("p.a", { element: (e) => e.setInnerContent("new") })
			.transform(page);
	},
};

/*
GET /
--- 200
content-type: text/html

<p class=a>new</p><a href="https://example.com/x">link</a>
*/
