export default {
	fetch(request) {
		return new HTMLRewriter()
			.on("a[href]", {
				element(e) {
					const href = e.getAttribute("href");
					if (href.startsWith("http:")) e.setAttribute("href", "https:" + href.slice(5));
				},
			})
			.on("title", {
				element(e) {
					e.setInnerContent("Rewritten");
				},
			})
			.on("p.ad", {
				element(e) {
					e.remove();
				},
			})
			.transform(new Response(request.body, { headers: { "content-type": "text/html;charset=utf-8" } }));
	},
};
