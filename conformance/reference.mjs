// Runs the workers of cases on workerd, each at the host of its name under localhost.
import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const setup = JSON.parse(readFileSync(process.argv[2], "utf8"));
const server = new Miniflare({
	host: "127.0.0.1",
	port: setup.Port,
	workers: setup.Workers.map((w) => ({
		name: w.Name,
		modules: w.Classic ? false : [{ type: "ESModule", path: "index.js", contents: w.Code }],
		...(w.Classic ? { script: w.Code } : { modulesRoot: "." }),
		compatibilityDate: "2026-01-01",
		compatibilityFlags: w.Flags,
		kvNamespaces: { KV: w.Name },
		bindings: { ORIGIN: setup.Origin, GREETING: setup.Greeting },
		routes: [`${w.Name}.localhost/*`],
	})),
});
process.on("SIGTERM", async () => {
	await server.dispose();
	process.exit(0);
});
await server.ready;
