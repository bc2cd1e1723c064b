// HTMLRewriter changes what is around and in an element.
export default {
	async fetch(request, env, ctx) {
		const page = await new HTMLRewriter().on("b", {
			element(e) {
				e.before("<1>").after("<i>2</i>", { html: true }).prepend("3").append("4");
				e.setAttribute("x", '"');
				e.tagName = "strong";
				e.onEndTag((end) => { end.before("5"); });
			},
		}).transform(new Response("<b a=1>t</b>")).text();
		return new Response(page);
	},
};

/*
GET /
--- 200

&lt;1&gt;<strong a=1 x="&quot;">3t45</strong><i>2</i>
*/
