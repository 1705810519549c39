import { spawnSync } from "node:child_process";
import { join } from "node:path";

// Everything that must be green, cheapest first; the first failure ends the run with its own exit code.
// Each is a script of its own (`npm run test:unit`); the two test runners come last, with their summaries.
const steps = ["types", "lint", "build", "unit", "browser"];

const root = join(import.meta.dirname, "..");
const npm = process.env.npm_execpath;
const [command, ...prefix] = npm ? [process.execPath, npm] : ["npm"];
const took: string[] = [];

for (const step of steps) {
  const before = took.length > 0 ? `   (${took.join(", ")})` : "";
  console.log(`\n▸ ${step}${before}`);
  const startedAt = performance.now();
  const { status } = spawnSync(command ?? "npm", [...prefix, "run", "--silent", `test:${step}`], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) {
    console.error(`\n${step} failed.`);
    process.exit(status ?? 1);
  }
  took.push(`${step} ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}
