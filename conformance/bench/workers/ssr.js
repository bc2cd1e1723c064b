import { h } from "preact";
import { renderToString } from "preact-render-to-string";

const rows = Array.from({ length: 100 }, (_, i) => ({
	id: i + 1,
	name: `Item ${i + 1} & more`,
	price: (((i * 37) % 1000) + 0.5).toFixed(2),
	sold: i % 3 === 0,
}));

function Row({ item }) {
	return h("tr", { class: item.sold ? "sold" : "open", key: item.id },
		h("td", null, item.id),
		h("td", null, h("a", { href: `/items/${item.id}` }, item.name)),
		h("td", { class: "price" }, "$", item.price),
	);
}

function Page({ title, items }) {
	return h("html", { lang: "en" },
		h("head", null, h("title", null, title)),
		h("body", null,
			h("h1", null, title),
			h("table", null, h("tbody", null, items.map((item) => h(Row, { item })))),
		),
	);
}

export default {
	fetch() {
		const html = "<!doctype html>" + renderToString(h(Page, { title: "Items", items: rows }));
		return new Response(html, { headers: { "content-type": "text/html;charset=utf-8" } });
	},
};
