// Serves one worker, or a folder of assets, with miniflare until SIGTERM.
import { Miniflare } from "miniflare";

const { port, code, stored, assets } = JSON.parse(process.argv[2]);
const options = { name: "bench", host: "127.0.0.1", port, modules: true, compatibilityDate: "2026-01-01", cf: false };
if (assets) {
	options.script = "export default { fetch() { return new Response(null, { status: 404 }) } }";
	options.assets = { directory: assets, workerName: "bench", routerConfig: { has_user_worker: false }, assetConfig: {} };
} else {
	options.script = code;
	options.kvNamespaces = ["KV"];
}
const miniflare = new Miniflare(options);
await miniflare.ready;
if (stored) {
	const KV = await miniflare.getKVNamespace("KV");
	for (const [key, value] of Object.entries(stored)) await KV.put(key, value);
}
process.on("SIGTERM", async () => {
	await miniflare.dispose();
	process.exit(0);
});
