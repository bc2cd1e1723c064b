// Rewrites the answers in *.txt beside it: each line is a script, a tab and what an
// engine with full ICU data answers. Lines without an answer get one.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
process.env.TZ = "UTC";
const here = new URL(".", import.meta.url);
const indirect = eval;
for (const name of readdirSync(here).filter((f) => f.endsWith(".txt"))) {
  const at = new URL(name, here);
  const lines = readFileSync(at, "utf8").trimEnd().split("\n").map((line) => {
    if (line.startsWith("#") || line === "") return line;
    const [script] = line.split("\t");
    let answer;
    try { answer = JSON.stringify(String(indirect(script))); } catch (e) { answer = JSON.stringify(e.name); }
    return script + "\t" + answer;
  });
  writeFileSync(at, lines.join("\n") + "\n");
}
