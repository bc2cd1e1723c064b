import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.text("home"));
app.get("/about", (c) => c.text("about"));
app.get("/users", (c) => c.json([]));
app.post("/users", (c) => c.json({ created: true }, 201));
app.get("/users/:user", (c) => c.json({ user: c.req.param("user") }));
app.get("/users/:user/posts", (c) => c.json({ user: c.req.param("user"), posts: [] }));
app.get("/users/:user/posts/:post", (c) =>
	c.json({ user: c.req.param("user"), post: Number(c.req.param("post")), page: c.req.query("page") }),
);
app.delete("/users/:user/posts/:post", (c) => c.body(null, 204));

export default app;
