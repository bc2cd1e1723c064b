import { Hono } from "hono";

const app = new Hono();
app.use(async (c, next) => {
	await next();
	c.header("x-powered-by", "hono");
});
app.get("/", (c) => c.text("home"));
app.get("/about", (c) => c.text("about"));
app.get("/health", (c) => c.json({ ok: true }));
app.get("/users", (c) => c.json([]));
app.post("/users", async (c) => c.json({ created: (await c.req.json()).name }, 201));
app.get("/users/:user", (c) => c.json({ user: c.req.param("user") }));
app.put("/users/:user", (c) => c.json({ user: c.req.param("user") }));
app.delete("/users/:user", (c) => c.body(null, 204));
app.get("/users/:user/followers", (c) => c.json([]));
app.get("/users/:user/posts", (c) => c.json({ user: c.req.param("user"), posts: [] }));
app.post("/users/:user/posts", (c) => c.json({ created: true }, 201));
app.get("/users/:user/posts/:post", (c) =>
	c.json({
		user: c.req.param("user"),
		post: Number(c.req.param("post")),
		page: c.req.query("page"),
		tags: ["edge", "workers"],
	}),
);
app.delete("/users/:user/posts/:post", (c) => c.body(null, 204));
app.get("/users/:user/posts/:post/comments", (c) => c.json([]));
app.get("/teams", (c) => c.json([]));
app.get("/teams/:team", (c) => c.json({ team: c.req.param("team") }));
app.get("/teams/:team/members", (c) => c.json([]));
app.get("/teams/:team/members/:member", (c) => c.json({ member: c.req.param("member") }));
app.get("/search", (c) => c.json({ query: c.req.query("q") }));
app.get("/tags/:tag{[a-z]+}", (c) => c.json({ tag: c.req.param("tag") }));
app.get("/files/*", (c) => c.text(c.req.path));
app.post("/login", (c) => c.json({ token: "" }));
app.post("/logout", (c) => c.body(null, 204));
app.get("/settings", (c) => c.json({}));
app.put("/settings", (c) => c.json({}));

export default app;
