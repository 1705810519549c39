import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Everything that must be green, cheapest first; the first failure ends the run with its own exit code.
// Each is a script of its own (`npm run test:unit`); the two test runners come last, with their summaries, and then a
// look through everything that they made the product log.
const steps = ["types", "lint", "build", "unit", "browser", "privacy"];

const root = join(import.meta.dirname, "..");
const npm = process.env.npm_execpath;
const [command, ...prefix] = npm ? [process.execPath, npm] : ["npm"];
const took: string[] = [];
const logs = mkdtempSync(join(tmpdir(), "bookproof-logs-"));

for (const step of steps) {
  const before = took.length > 0 ? `   (${took.join(", ")})` : "";
  console.log(`\n▸ ${step}${before}`);
  const startedAt = performance.now();
  const { status } = spawnSync(command ?? "npm", [...prefix, "run", "--silent", `test:${step}`], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, TEST_LOGS: logs },
  });
  if (status !== 0) {
    // What leaked is named by its place in these files, so they stay for whoever looks.
    if (step === "privacy") console.error(`The logs are in ${logs}.`);
    else rmSync(logs, { recursive: true, force: true });
    console.error(`\n${step} failed.`);
    process.exit(status ?? 1);
  }
  took.push(`${step} ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}
rmSync(logs, { recursive: true, force: true });
