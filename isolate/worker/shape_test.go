package worker_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/outside"
	"github.com/mayfly-edge/mayfly/isolate/worker"
)

// shapes are small programs that spend their time as common libraries do.
var shapes = []struct{ name, method, source string }{
	// A router of classes, closures and a chain of asynchronous functions.
	{"router", "GET", `
		class Context {
			#vars; constructor(req, params) { this.req = req; this.params = params }
			set = (k, v) => { (this.#vars ??= new Map()).set(k, v) };
			get = (k) => this.#vars?.get(k);
			json = (o, status = 200) => new Response(JSON.stringify(o), { status, headers: { "content-type": "application/json" } });
		}
		const routes = [];
		const get = (path, ...handlers) => routes.push([new RegExp("^" + path.replace(/:(\w+)/g, "(?<$1>[^/]+)") + "$"), handlers]);
		for (const name of ["users", "posts", "pages", "tags"]) for (const tail of ["", "/:id", "/:id/edit", "/:id/log"])
			get("/" + name + tail, async (c, next) => { c.set("at", name); await next() }, (c) => c.json({ at: c.get("at"), ...c.params }));
		const compose = (handlers, c) => { const run = async (i) => { const r = await handlers[i](c, () => run(i + 1).then((r) => { c.res = r })); return r ?? c.res }; return run(0) };
		export default { fetch(request) {
			const { pathname } = new URL(request.url);
			for (const [pattern, handlers] of routes) { const m = pattern.exec(pathname); if (m) return compose(handlers, new Context(request, { ...m.groups })) }
			return new Response("no", { status: 404 });
		} }`},
	// JSON in, filtered, mapped, sorted, out.
	{"json", "POST", `export default { async fetch(request) {
		const items = await request.json();
		const out = items.filter((i) => i.active).map((i) => ({ id: i.id, name: i.name.toUpperCase(), total: i.price * i.count, tags: i.tags }))
			.sort((a, b) => b.total - a.total);
		return Response.json({ count: out.length, items: out });
	} }`},
	// A tree of elements turned to HTML.
	{"render", "GET", `
		const h = (type, props, ...children) => ({ type, props: props || {}, children });
		const escape = (s) => /[&<>"]/.test(s) ? s.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]) : s;
		const render = (node) => {
			if (typeof node !== "object") return escape(String(node));
			if (Array.isArray(node)) return node.map(render).join("");
			if (typeof node.type === "function") return render(node.type({ ...node.props, children: node.children }));
			let s = "<" + node.type;
			for (const name in node.props) s += " " + name + '="' + escape(String(node.props[name])) + '"';
			s += ">";
			for (const child of node.children) s += render(child);
			return s + "</" + node.type + ">";
		};
		const Row = ({ item, odd }) => h("tr", { class: odd ? "odd" : "even", id: "r" + item.id }, h("td", null, item.id), h("td", { class: "name" }, h("a", { href: "/" + item.id }, item.name)), h("td", null, item.tags.map((t) => h("i", null, t))));
		const items = Array.from({ length: 100 }, (_, id) => ({ id, name: "Item <" + id + ">", tags: ["a" + id % 3, "b"] }));
		export default { fetch() { return new Response(render(h("table", { id: "t" }, items.map((item, i) => h(Row, { item, odd: i % 2 }))))) } }`},
	// A string of many pieces.
	{"append", "GET", `export default { fetch() { let s = ""; for (let i = 0; i < 5000; i++) s += "line " + i + "\n"; return new Response(s) } }`},
}

func shapeBody() []byte {
	type item struct {
		ID     int      `json:"id"`
		Name   string   `json:"name"`
		Price  float64  `json:"price"`
		Count  int      `json:"count"`
		Active bool     `json:"active"`
		Tags   []string `json:"tags"`
		Text   string   `json:"text"`
	}
	list := make([]item, 500)
	for i := range list {
		list[i] = item{i, fmt.Sprintf("Item number %d", i), float64(i*7919%10007) / 100, i % 17, i%3 != 0, []string{"red", fmt.Sprint("t", i%10)}, `some "quoted" text of this item, which is longer than a word`}
	}
	b, _ := json.Marshal(list)
	return b
}

func BenchmarkShape(b *testing.B) {
	body := shapeBody()
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			w := load(b, module(s.source), worker.Spec{})
			e := worker.Event{Outside: silent{}, Call: outside.Call{Invocation: "id"}}
			b.ReportAllocs()
			for b.Loop() {
				req := &outside.Request{Method: s.method, URL: "https://h.example/tags/7/log"}
				if s.method == "POST" {
					req.Body = outside.Body{Bytes: body}
				}
				res, err := w.Fetch(e, req)
				if err != nil {
					b.Fatal(err)
				}
				if res.Status != 200 {
					b.Fatalf("status %d: %s", res.Status, res.Body.Bytes)
				}
			}
		})
	}
}
