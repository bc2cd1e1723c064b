import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";

// What this worker uses of a KV namespace.
interface KVNamespace {
	get<T>(key: string, type: "json"): Promise<T | null>;
	put(key: string, value: string): Promise<void>;
	delete(key: string): Promise<void>;
	list(options?: { prefix?: string }): Promise<{ keys: { name: string }[] }>;
}

interface Note {
	title: string;
	text: string;
}

const app = new Hono<{ Bindings: { NOTES: KVNamespace } }>();

app.use("/notes/*", async (c, next) => {
	await next();
	c.header("cache-control", "no-store");
});

app.get("/", (c) => c.text("Notes: GET, PUT and DELETE /notes/NAME\n"));

app.get("/notes", async (c) => {
	const { keys } = await c.env.NOTES.list();
	return c.json(keys.map((k) => k.name));
});

app.get("/notes/:name", async (c) => {
	const note = await c.env.NOTES.get<Note>(c.req.param("name"), "json");
	if (note === null) {
		throw new HTTPException(404, { message: `no note ${c.req.param("name")}` });
	}
	return c.json(note);
});

app.put("/notes/:name", async (c) => {
	const { title, text } = await c.req.json<Partial<Note>>();
	if (typeof title !== "string" || typeof text !== "string") {
		throw new HTTPException(400, { message: "a note has a title and a text" });
	}
	await c.env.NOTES.put(c.req.param("name"), JSON.stringify({ title, text }));
	return c.json({ title, text }, 201);
});

app.delete("/notes/:name", async (c) => {
	await c.env.NOTES.delete(c.req.param("name"));
	return c.body(null, 204);
});

app.notFound((c) => c.json({ error: "not found" }, 404));

app.onError((err, c) => {
	const status = err instanceof HTTPException ? err.status : 500;
	return c.json({ error: err.message }, status);
});

export default app;
